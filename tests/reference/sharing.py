"""Sets variables, makes artifacts and emits events in a flow: `sharing.py SDK WORD`. Prints what came of them.

In variables it also finds what the other SDK left under the word, and changes it.
"""

# mypy: ignore-errors

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Any
from uuid import uuid4

sdk, word = sys.argv[1:3]
root, artifacts, events = (import_module(f"{sdk}{part}") for part in ("", ".artifacts", ".events"))
Variable: Any = import_module(f"{sdk}.variables").Variable
objects = import_module(f"{sdk}.client.schemas.filters")
EventFilter: Any = import_module(f"{sdk}.events.filters").EventFilter
Names: Any = import_module(f"{sdk}.events.filters").EventNameFilter
flow, get_client = root.flow, root.get_client
name, happened = f"shared-{word}", f"shared.{uuid4()}"


@flow(name="sharing")
def sharing() -> str:
    before = Variable.get(name, default={"from": []})
    Variable.set(name, {"from": [*before["from"], len(before["from"])]}, tags=["t"], overwrite=True)
    made = artifacts.create_progress_artifact(10, key=f"progress-{word}")
    artifacts.update_progress_artifact(made, 60)
    artifacts.create_table_artifact([{"a": 1, "b": float("nan")}], key=f"table-{word}", description="d")
    artifacts.create_link_artifact("https://a.test", "text", key=f"link-{word}")
    event = events.emit_event(happened, {"prefect.resource.id": "thing"}, payload={"n": 1})
    events.emit_event(happened, {"prefect.resource.id": "thing"}, follows=event)
    return "done"


sharing()
with get_client(sync_client=True) as client:
    said: dict[str, Any] = {"value": Variable.get(name)}
    for kind in ("progress", "table", "link"):
        found = artifacts.Artifact.get(f"{kind}-{word}")
        said[kind] = [found.type, found.data, found.description, found.flow_run_id is not None]
    wanted = EventFilter(event=Names(name=[happened]))
    for _ in range(600):
        page = client.read_events(wanted, limit=50)
        if len(page.events) >= 2:
            break
        time.sleep(0.1)
    said["events"] = sorted(
        (
            [sorted(each["prefect.resource.role"] for each in event.related), event.payload, event.follows is not None]
            for event in page.events
        ),
        key=json.dumps,
    )
print(json.dumps(said))
