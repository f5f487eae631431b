"""A state change can be followed by a reader: it passes through few files of ours."""

from __future__ import annotations

import json
import sys
from collections.abc import MutableMapping
from pathlib import Path
from types import FrameType
from typing import Any

from lictor.server.serve import Application
from lictor.server.services import SERVICES
from lictor.settings import Settings
from tests.architecture.source import PACKAGE

MOST_FILES = 20
HEADERS = [
    (b"user-agent", b"prefect/3.8.8 (API 0.8.4)"),
    (b"x-prefect-api-version", b"0.8.4"),
    (b"content-type", b"application/json"),
]
STARTED_BEFORE = ("kit", "settings")


async def ask(app: Application, method: str, path: str, body: Any) -> Any:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode()}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": f"/api{path}",
        "query_string": b"",
        "scheme": "http",
        "headers": HEADERS,
    }
    await app(scope, receive, send)
    assert sent[0]["status"] < 300
    return json.loads(sent[1]["body"])


async def test_one_transition_touches_few_files(tmp_path: Path) -> None:
    alone = {service.enabled.name: "false" for service in SERVICES if not service.patient}
    settings = Settings({"PREFECT_HOME": str(tmp_path), **alone})  # none passes by while a request is followed
    app = Application(settings, str(tmp_path / "lictor.db"), "http://here")
    await app.open()
    flow = await ask(app, "POST", "/flows/", {"name": "f"})
    for _ in range(2):  # what is made once is made for the first run
        run = await ask(app, "POST", "/flow_runs/", {"flow_id": flow["id"]})
        await ask(app, "POST", f"/flow_runs/{run['id']}/set_state", {"state": {"type": "RUNNING"}})
        touched = await files_touched(app, run["id"])
    await app.close()
    beside = {name for name in touched if not name.startswith(STARTED_BEFORE)}
    assert "rules/transition.py" in touched
    assert len(beside) <= MOST_FILES, "\n".join(sorted(beside))


async def files_touched(app: Application, run_id: str) -> set[str]:
    touched: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        name = frame.f_code.co_filename
        if name.startswith(str(PACKAGE)) and not frame.f_code.co_name.startswith("<"):
            touched.add(str(Path(name).relative_to(PACKAGE)))

    sys.setprofile(note)
    try:
        await ask(app, "POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": "COMPLETED"}})
    finally:
        sys.setprofile(None)
    return touched
