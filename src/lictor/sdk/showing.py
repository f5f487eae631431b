"""What users see of the runs that go on here: what the client answers of runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import Raw

from lictor.kit.json import decode_any
from lictor.sdk import objects
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.task_run import TaskRun

TIMES = ("total_run_time", "estimated_run_time", "estimated_start_time_delta")


def shown(run: FlowRun | TaskRun) -> Any:
    """Return a run as the client would answer it now."""
    fields = {name: getattr(run, name) for name in run.__struct_fields__}
    fields |= {name: decode_any(value) for name, value in fields.items() if isinstance(value, Raw)}
    fields |= {name: timedelta(seconds=fields[name]) for name in TIMES}
    return objects.FlowRun(**fields) if isinstance(run, FlowRun) else objects.TaskRun(**fields)
