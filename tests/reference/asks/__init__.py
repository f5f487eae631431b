"""The stories of requests that are told to both servers, by name; one module a resource."""

from __future__ import annotations

from tests.reference.asks import (
    artifacts,
    automations,
    blocks,
    collections,
    concurrency_limits,
    deployments,
    events,
    flow_runs,
    flows,
    logs,
    many_runs,
    run_inputs,
    saved_searches,
    schedules,
    server,
    states,
    task_runs,
    task_workers,
    templates,
    ui,
    variables,
    work_pools,
    wrong_bodies,
)
from tests.reference.telling import Story

STORIES: dict[str, Story] = {
    f"{module.__name__.rpartition('.')[2]}: {name}": story
    for module in (
        server,
        flows,
        flow_runs,
        run_inputs,
        task_runs,
        many_runs,
        states,
        logs,
        events,
        concurrency_limits,
        deployments,
        blocks,
        ui,
        work_pools,
        variables,
        artifacts,
        automations,
        task_workers,
        collections,
        templates,
        saved_searches,
        schedules,
        wrong_bodies,
    )
    for name, story in module.STORIES.items()
}
