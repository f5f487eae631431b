"""Answers about the catch-up policies of a deployment's schedules."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration.catch_up import update_policies
from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, json
from lictor.store import catch_up, deployment
from lictor.wire.operations import catch_up as operations
from lictor.wire.types.catch_up import CatchUpGiven


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer the policies of a deployment's schedules."""
    deployment_id = request.parameters["id"]
    await request.store.read(deployment.load, deployment_id)
    return json(list((await request.store.read(catch_up.of_one, deployment_id)).values()))


@answers(operations.UPDATE)
async def update(request: Request, body: list[CatchUpGiven]) -> Reply:
    """Give schedules policies, or take them away; what is not named stays."""
    return json(await request.store.write(update_policies, request.parameters["id"], body, now()))
