"""Takes and answers events."""

from __future__ import annotations

import base64
import binascii

import msgspec
from msgspec import Struct

from lictor.kit.clock import now
from lictor.kit.json import encode
from lictor.orchestration.record_events import problem_of, record
from lictor.server.addresses import public_url
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json
from lictor.settings import table
from lictor.store import event, event_count
from lictor.store.transaction import Transaction
from lictor.wire.filters import EventFilter
from lictor.wire.operations import event as operations
from lictor.wire.operations.event import CountEvents, ReadEvents
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.event import Countable, Event, TimeUnit


class Token(Struct, array_like=True):
    """Where a page of events begins: what was asked, and how many rows were answered before."""

    filter: EventFilter
    limit: int
    offset: int


read_token = msgspec.json.Decoder(Token).decode


@answers(operations.CREATE)
async def create(request: Request, body: list[Event]) -> Reply:
    """Store events, and the task runs that they tell of."""
    settings = request.server.settings
    most_related = settings[table.SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES]
    longest = settings[table.SERVER_EVENTS_MAXIMUM_EVENT_NAME_LENGTH]
    for at, one in enumerate(body):
        wrong = problem_of(one, most_related, longest)
        if wrong is not None:
            place, why = wrong
            raise InvalidRequest([{"loc": ["body", at, *place], "msg": why, "type": "value_error"}], body)
    if body:
        await request.store.write(record, body, now(), request.by)
        request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadEvents) -> Reply:
    """Answer the first page of the events that a filter matches."""
    return await page(request, Token(body.filter or EventFilter(), body.limit, 0))


@answers(operations.NEXT)
async def following(request: Request, body: None) -> Reply:
    """Answer the page that a token names."""
    try:
        token = read_token(base64.urlsafe_b64decode(request.query.page_token))
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise Refusal(detail("The page token is not one of this server's.", 403)) from None
    return await page(request, token)


async def page(request: Request, token: Token) -> Reply:
    """Answer a page of events and the address of the next one."""
    rows, total = await request.store.read(read_page, token)
    address = b"null"
    if token.offset + len(rows) < total and rows:
        token.offset += len(rows)
        text = base64.urlsafe_b64encode(encode(token)).decode()
        address = encode(f"{public_url(request.server, request.scope)}/events/filter/next?page-token={text}")
    events = ",".join(rows).encode()
    return Reply(b'{"events":[%b],"total":%d,"next_page":%b}' % (events, total, address))


def read_page(token: Token) -> Transaction[tuple[list[str], int]]:
    """Read a page of events and the count of all."""
    rows = yield from event.page(token.filter, token.limit, token.offset)
    total = yield from event.count(token.filter)
    return rows, total


@answers(operations.COUNT_BY)
async def count_by(request: Request, body: CountEvents) -> Reply:
    """Count the events that a filter matches, by name, by resource, or by time."""
    name = request.parameters["countable"]
    match name:
        case Countable.EVENT:
            return json(await request.store.read(event_count.by_name, body.filter))
        case Countable.RESOURCE:
            return json(await request.store.read(event_count.by_resource, body.filter))
        case Countable.TIME:
            unit, interval = body.time_unit, body.time_interval
        case Countable.DAY:
            unit, interval = TimeUnit.DAY, 1.0
        case _:
            listed = ", ".join(repr(each.value) for each in Countable)
            wrong = {"type": "enum", "loc": ["path", "countable"], "msg": f"Input should be one of {listed}"}
            raise InvalidRequest([wrong], None)
    try:
        spans = event_count.spans_of(body.filter, unit, interval, now())
    except event_count.TooMany as error:
        raise Refusal(detail(str(error), 422)) from None
    except OverflowError:
        raise Refusal(detail("time_interval: the last interval ends after the year 9999.", 422)) from None
    return json(await request.store.read(event_count.by_time, body.filter, spans))
