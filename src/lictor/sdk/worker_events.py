"""What a worker tells of itself and of the runs that it starts, in events named as the reference's are."""

from __future__ import annotations

import re
from uuid import UUID

from lictor import __version__
from lictor.sdk.events import ID, NAME, emit_event, named
from lictor.sdk.objects import Deployment, Event, FlowRun
from lictor.wire.types.event import Resource


class WorkerEvents:
    """The events of one worker."""

    def __init__(self, kind: str, name: str, pool_id: UUID, pool_name: str) -> None:
        """`kind` is the worker's type."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        self.resource = {
            ID: f"prefect.worker.{kind}.{slug}",
            NAME: name,
            "prefect.version": __version__,
            "prefect.worker-type": kind,
        }
        self.pool = named("work-pool", pool_id, pool_name)

    def tell(self, what: str, related: list[Resource] | None = None, follows: Event | None = None) -> Event:
        """Tell of something that the worker did, which came after another event."""
        return emit_event(
            f"prefect.worker.{what}", self.resource, related=[*(related or []), self.pool], follows=follows
        )


def related_to(run: FlowRun, flow_name: str, deployment: Deployment | None) -> list[Resource]:
    """Return what has to do with a run: itself comes first."""
    found = [named("flow-run", run.id, run.name), named("flow", run.flow_id, flow_name)]
    if deployment is not None:
        found.append(named("deployment", deployment.id, deployment.name))
    return found + [named("tag", tag) for tag in sorted(run.tags)]


def executed(related: list[Resource], identifier: str, code: int) -> list[Resource]:
    """Return what has to do with a run whose job has ended."""
    told = {"prefect.infrastructure.identifier": identifier, "prefect.infrastructure.status-code": str(code)}
    return [{**related[0], **told}, *related[1:]]
