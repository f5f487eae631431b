"""Takes and answers log lines."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from lictor.kit.clock import now
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.log_table import log_table
from lictor.server.reply import Reply, Stream, json, texts
from lictor.store import flow_run, log
from lictor.wire.operations import log as operations
from lictor.wire.operations.log import ReadLogs
from lictor.wire.types.log import LogCreate

BATCH = operations.BATCH.lower().encode()


@answers(operations.CREATE)
async def create(request: Request, body: list[LogCreate]) -> Reply:
    """Store log lines."""
    if body:
        add = log.add_few if len(body) <= log.FEW else log.add
        await request.store.write(add, body, now(), request.by, batch_of(request))
        request.server.hub.announce("log")
    return json(None, 201)


def batch_of(request: Request) -> log.Batch | None:
    """Return what a client calls the lines that it sends, if it does."""
    key, _, rest = request.headers.get(BATCH, b"").decode("latin-1").partition(";")
    try:
        return log.Batch(UUID(key), rest.strip() == operations.AGAIN)
    except ValueError:
        return None


@answers(operations.FILTER)
async def find(request: Request, body: ReadLogs) -> Reply:
    """Answer the log lines that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(log.texts, body))


@answers(operations.DOWNLOAD)
async def download(request: Request, body: None) -> Reply:
    """Answer the log of a flow run as a CSV file named after it."""
    run_id = request.parameters["id"]
    file_name = quote(f"{await request.store.point(flow_run.name, run_id)}-logs.csv", safe="")
    disposition = f"attachment; filename=\"flow-run-logs.csv\"; filename*=UTF-8''{file_name}"
    headers = ((b"content-type", b"text/csv; charset=utf-8"), (b"content-disposition", disposition.encode()))
    return Stream(log_table(request.store, run_id), headers)
