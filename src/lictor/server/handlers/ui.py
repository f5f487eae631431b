"""Answers to what pages of the UI ask beside the resources themselves."""

from __future__ import annotations

from lictor.kit.clock import in_utc, now
from lictor.kit.json_schema import InvalidSchema, problems, tree
from lictor.orchestration.placeholders import plainly
from lictor.server.dispatch import Request, answers
from lictor.server.reply import Refusal, Reply, detail, json, text
from lictor.store import ui
from lictor.store.transaction import NotFound
from lictor.wire.operations import ui as operations
from lictor.wire.operations.task_run import CountTaskRuns
from lictor.wire.operations.ui import PlotFlowRuns, PlotTaskRuns
from lictor.wire.types.ui import ComparedValues, CompareValues, OfFlowRuns, OfFlows

NO_START = detail("task_runs.start_time.after_ is required", 422)
NEGATIVE = detail("Invalid limit: must be greater than or equal to 0.", 422)


@answers(operations.COUNT_DEPLOYMENTS)
async def count_deployments(request: Request, body: OfFlows) -> Reply:
    """Count the deployments of flows."""
    return json(await request.store.read(ui.count_deployments, body.flow_ids))


@answers(operations.NEXT_RUNS)
async def next_runs(request: Request, body: OfFlows) -> Reply:
    """Answer which run of each flow is to start next."""
    return json(await request.store.read(ui.next_runs, body.flow_ids))


@answers(operations.PLOT_FLOW_RUNS)
async def plot_flow_runs(request: Request, body: PlotFlowRuns) -> Reply:
    """Answer the points of a chart of flow runs."""
    if body.limit < 0:
        raise Refusal(NEGATIVE)
    return json(await request.store.read(ui.points, body, now()))


@answers(operations.COUNT_TASK_RUNS)
async def count_task_runs(request: Request, body: OfFlowRuns) -> Reply:
    """Count the task runs of flow runs."""
    return json(await request.store.read(ui.count_task_runs, body.flow_run_ids))


@answers(operations.PLOT_TASK_RUNS)
async def plot_task_runs(request: Request, body: PlotTaskRuns) -> Reply:
    """Count the task runs that ended, by when they started, in whole minutes from the first to the last."""
    times = body.task_runs.start_time
    if times is None or times.after_ is None:
        raise Refusal(NO_START)
    start = in_utc(times.after_).replace(second=0, microsecond=0)
    end = in_utc(times.before_ or now()).replace(second=59, microsecond=999_999)
    return json(await request.store.read(ui.outcomes, body, start, end))


@answers(operations.COUNT_BY_STATE)
async def count_by_state(request: Request, body: CountTaskRuns) -> Reply:
    """Count task runs by state."""
    return json(await request.store.read(ui.count_by_state, body))


@answers(operations.READ_TASK_RUN)
async def read_task_run(request: Request, body: None) -> Reply:
    """Answer a task run with the name of its flow run."""
    try:
        return text(await request.store.point(ui.named_task_run, request.parameters["id"], now()))
    except NotFound:
        raise Refusal(detail("Task not found", 404)) from None


@answers(operations.COMPARE_VALUES)
async def compare_values(request: Request, body: CompareValues) -> Reply:
    """Answer what is wrong with values that are to fit a JSON schema."""
    made = await request.store.read(plainly, body.values, render=False)
    unmade = {each.path for each in made.problems} | made.templates
    try:
        found = problems(body.json_schema, made.values)
    except InvalidSchema as error:
        raise Refusal(detail(f"Invalid schema: {error}", 422)) from None
    errors = tree([*made.problems, *(each for each in found if each.path not in unmade)])
    return json(ComparedValues(errors=errors, valid=not errors))
