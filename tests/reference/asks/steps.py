"""Short ways to write the steps of stories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.reference.telling import Step

NOBODY = "00000000-0000-4000-8000-00000000dead"
BEGAN = datetime.now(UTC).replace(microsecond=0)
NOT_IDS = ("x", "1", NOBODY[:-1], NOBODY.replace("-", ""), f"{{{NOBODY}}}", "%20", "null")


def moment(seconds: float) -> str:
    """Return a time some seconds after the tests began."""
    return (BEGAN + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def new_id() -> str:
    """Return an id of a story's own."""
    return str(uuid4())


def post(path: str, body: Any = None, **given: Any) -> Step:
    return Step("POST", path, body, **given)


def get(path: str, **given: Any) -> Step:
    return Step("GET", path, **given)


def patch(path: str, body: Any, **given: Any) -> Step:
    return Step("PATCH", path, body, **given)


def delete(path: str, **given: Any) -> Step:
    return Step("DELETE", path, **given)


def flow(name: str = "$story", keep: str = "flow", **body: Any) -> Step:
    """Make a flow."""
    return post("/flows/", {"name": name, **body}, keep={keep: "id"})


def run(keep: str = "run", **body: Any) -> Step:
    """Make a flow run."""
    return post("/flow_runs/", {"flow_id": "$flow", "name": f"{keep} $story", **body}, keep={keep: "id"})


def task(keep: str = "task", **body: Any) -> Step:
    """Make a task run."""
    named = {"name": f"{keep} $story", "task_key": "key", "dynamic_key": keep}
    return post("/task_runs/", {"flow_run_id": "$run", **named, **body}, keep={keep: "id"})


def propose(kind: str, run_id: str, state: str, force: bool = False, **fields: Any) -> Step:
    """Propose a state."""
    return post(f"/{kind}/${run_id}/set_state", {"state": {"type": state, **fields}, "force": force})
