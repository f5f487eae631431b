"""Answers about collections; they come from the house, and never from the network."""

from __future__ import annotations

from lictor.orchestration.refusal import Absent
from lictor.orchestration.worker_types import WORKER_TYPES
from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, json
from lictor.wire.operations import collection as operations

VIEWS = {"aggregate-worker-metadata": WORKER_TYPES}


@answers(operations.VIEW)
async def view(request: Request, body: None) -> Reply:
    """Answer a catalogue."""
    name = request.parameters["view"]
    if name not in VIEWS:
        raise Absent(f"View {name} not found: there is {', '.join(VIEWS)}.")
    return json(VIEWS[name])
