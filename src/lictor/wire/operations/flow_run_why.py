"""The operation that says why a flow run does not run."""

from __future__ import annotations

from types import NoneType

from lictor.wire.operation import Operation
from lictor.wire.types.flow_run_why import FlowRunWhy

READ = Operation("GET", "/flow_runs/{id}/why", NoneType, FlowRunWhy, "read", additive=True)
