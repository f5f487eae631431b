"""Whatever flows and tasks do, what is recorded of them is what they did: random programs against a model of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from itertools import count
from typing import Any, Literal

import msgspec
from hypothesis import given, note, settings
from hypothesis import strategies as st

from lictor import Flow, Task, allow_failure, flow, get_client, runtime, task, unmapped
from lictor.client.client import Client
from lictor.engine.states import State
from lictor.futures import Future, FutureList
from lictor.rules.advance import advance_flow_run, advance_task_run
from lictor.states import Cancelled, Completed, Failed
from lictor.testing import lictor_test_harness
from lictor.wire.operations import flow_run, flow_run_state, task_run, task_run_state
from lictor.wire.types import state as wire
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL
from lictor.wire.types.task_run import TaskRun

Ending = Literal["value", "raise", "completed", "failed", "cancelled", "runs"]


@dataclass(frozen=True)
class Job:
    """A task: what each try of it does (the last goes on), and how it is called with what came of earlier steps."""

    tries: tuple[Ending, ...]
    retries: int
    delay: int
    how: Literal["call", "state", "submit", "map"]
    takes: tuple[int, ...]
    tolerant: bool
    caught: bool
    in_loop: bool


@dataclass(frozen=True)
class Program:
    """A flow: what it does in each try before that ends."""

    steps: tuple[Job | Program, ...]
    tries: tuple[Ending, ...]
    retries: int
    delay: int
    how: Literal["call", "state"]
    caught: bool
    in_loop: bool


ENDINGS = st.sampled_from(("value", "value", "raise", "raise", "completed", "failed", "cancelled"))
SHARED = {"retries": st.integers(0, 2), "delay": st.sampled_from((0, 600)), "caught": st.booleans()}
JOBS = st.builds(
    Job,
    tries=st.lists(ENDINGS, min_size=1, max_size=3).map(tuple),
    how=st.sampled_from(("call", "state", "submit", "map")),
    takes=st.lists(st.integers(0, 3), max_size=2, unique=True).map(tuple),
    tolerant=st.booleans(),
    in_loop=st.booleans(),
    **SHARED,
)


def programs(steps: st.SearchStrategy[Any]) -> st.SearchStrategy[Program]:
    return st.builds(
        Program,
        steps=st.lists(steps, max_size=4).map(tuple),
        tries=st.lists(ENDINGS | st.just("runs"), min_size=1, max_size=2).map(tuple),
        how=st.sampled_from(("call", "state")),
        in_loop=st.booleans(),
        **SHARED,
    )


PROGRAMS = programs(JOBS | programs(JOBS))


# What runs


def ended(ending: Ending, runs: list[Any]) -> Any:
    match ending:
        case "raise":
            raise ValueError("as written")
        case "completed":
            return Completed(data=1)
        case "failed":
            return Failed("as written")
        case "cancelled":
            return Cancelled("as written")
        case "runs":
            return runs
    return 1


def nth(several: tuple[Ending, ...], number: int) -> Ending:
    return several[min(number, len(several) - 1)]


def task_of(job: Job, name: str) -> Task[..., Any]:
    def body(taken: Any, each: int = 0) -> Any:
        return ended(nth(job.tries, runtime.task_run.run_count - 1), [])

    async def later(taken: Any, each: int = 0) -> Any:
        await asyncio.sleep(0)
        return body(taken, each)

    options: Any = {"name": name, "task_run_name": name, "retries": job.retries, "retry_delay_seconds": job.delay}
    return task(**options)(later if job.in_loop else body)


def flow_of(program: Program, name: str = "p") -> Flow[..., Any]:
    made = [
        task_of(step, f"{name}.{number}") if isinstance(step, Job) else flow_of(step, f"{name}.{number}")
        for number, step in enumerate(program.steps)
    ]

    def body() -> Any:
        return driven(script(program, made))

    async def later() -> Any:
        steps = script(program, made)
        move, given = steps.send, None
        try:
            while True:
                call = move(given)
                move = steps.send
                try:
                    given = call()
                    if isawaitable(given) and not isinstance(given, Future):
                        given = await given
                except Exception as error:
                    move, given = steps.throw, error
        except StopIteration as done:
            return done.value

    options: Any = {"retries": program.retries, "retry_delay_seconds": program.delay}
    return flow(name=name, flow_run_name=name, **options)(later if program.in_loop else body)


def driven(steps: Generator[Any, Any, Any]) -> Any:
    move: Any = steps.send
    given: Any = None
    try:
        while True:
            call = move(given)
            move = steps.send
            try:
                given = call()
                if isawaitable(given) and not isinstance(given, Future):
                    given = elsewhere(given)
            except Exception as error:
                move, given = steps.throw, error
    except StopIteration as done:
        return done.value


def elsewhere(given: Any) -> Any:
    """Await something on an event loop of a thread's own: the flow around may run on one."""

    async def awaited() -> Any:
        return await given

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(copy_context().run, asyncio.run, awaited()).result()


def script(program: Program, made: list[Any]) -> Generator[Callable[[], Any], Any, Any]:
    """What a flow does: each call is yielded to whoever makes it."""
    came: list[Any] = []
    for step, run in zip(program.steps, made, strict=True):
        try:
            came.append((yield call_of(step, run, came)))
        except Exception:
            if not step.caught:
                raise
            came.append(None)
    runs = [run for each in came for run in (each if isinstance(each, FutureList) else [each])]
    ending = nth(program.tries, runtime.flow_run.run_count - 1)
    return ended(ending, [run for run in runs if isinstance(run, Future | State)])


def call_of(step: Job | Program, run: Any, came: list[Any]) -> Callable[[], Any]:
    if isinstance(step, Program):
        return partial(run, return_state=True) if step.how == "state" else run
    taken = [came[number] for number in step.takes if number < len(came)]
    given = [allow_failure(each) for each in taken] if step.tolerant else taken
    match step.how:
        case "submit":
            return partial(run.submit, given)
        case "map":
            return partial(run.map, unmapped(given), [1, 2])
        case "state":
            return partial(run, given, return_state=True)
    return partial(run, given)


# What is to be expected of it

Lived = tuple[str, str, tuple[str, ...]]
"""Kind and name of a run, and the names of its states."""
NAMES = {
    "value": "Completed",
    "completed": "Completed",
    "raise": "Failed",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
NOT_READY = "NotReady"


def tried(of: Job | Program, number: int, failing: bool) -> list[str] | None:
    """The states that follow a try if there is another one."""
    if not failing or number >= of.retries:
        return None
    if isinstance(of, Program):
        return ["AwaitingRetry", "Running"]
    return ["AwaitingRetry", "Retrying"] if of.delay else ["Retrying"]


def expected_of_job(job: Job, ready: bool) -> tuple[tuple[str, ...], Ending | None]:
    """The states of a run, and how its last try ended."""
    if not ready:
        return ("Pending", NOT_READY), None
    history = ["Pending", "Running"]
    for number in count():
        ending = nth(job.tries, number)
        again = tried(job, number, ending == "raise")
        if again is None:
            return (*history, NAMES[ending]), ending
        history += again
    raise AssertionError


Given = list[str] | None
"""The last states of the runs in what a call gives back; None if it raises."""


def expected(program: Program, name: str = "p") -> tuple[Counter[Lived], str, Given]:
    """All runs that a program leaves, the name of its last state, and what a call gives back."""
    lived: Counter[Lived] = Counter()
    history = ["Pending", "Running"]
    for number in count():
        end, given = expected_try(program, name, nth(program.tries, number), lived)
        again = tried(program, number, end == "Failed")
        if again is None:
            break
        history += again
    lived["flow", name, (*history, end)] += 1
    return lived, end, given


def expected_try(program: Program, name: str, ending: Ending, lived: Counter[Lived]) -> tuple[str, Given]:
    """What one try of a flow leaves, how it ends, and what it gives back."""
    came: list[list[str]] = []  # the last states of the runs in what came of each step
    runs: list[str] = []  # those that stand there by themselves
    for number, step in enumerate(program.steps):
        called = f"{name}.{number}"
        if isinstance(step, Program):
            within, last, given = expected(step, called)
            lived.update(within)
            lived["tracking", called, (last,)] += 1
        else:
            taken = [last for place in step.takes if place < len(came) for last in came[place]]
            history, how = expected_of_job(step, step.tolerant or all(last == "Completed" for last in taken))
            lived["task", called, history] += 2 if step.how == "map" else 1
            last = history[-1]
            given = None if how in (None, "raise") else [] if how == "value" else [last]
        if step.how != "call":
            given = [last] * (2 if step.how == "map" else 1)
        elif given is None and not step.caught:
            return "Failed", None
        came.append(given or [])
        if isinstance(step, Job) or step.how != "call":
            runs += given or []
    if ending != "runs":
        return NAMES[ending], [] if NAMES[ending] == "Completed" else None
    if "Cancelled" in runs:
        return "Cancelled", runs
    return "Completed" if all(last == "Completed" for last in runs) else "Failed", runs


# What is recorded


def recorded(client: Client) -> Counter[Lived]:
    found: Counter[Lived] = Counter()
    for run in client(flow_run.FILTER(flow_run.ReadFlowRuns())):
        query = flow_run_state.FlowRunStatesOf(flow_run_id=run.id)
        found["flow", run.name, sound(run, client(flow_run_state.LIST(query=query)))] += 1
    subflows = {run.parent_task_run_id for run in client(flow_run.FILTER(flow_run.ReadFlowRuns()))}
    for each in client(task_run.FILTER(task_run.ReadTaskRuns())):
        history = sound(each, client(task_run_state.LIST(query=task_run_state.TaskRunStatesOf(task_run_id=each.id))))
        if each.id in subflows:
            found["tracking", each.name.rpartition("-")[0], history[-1:]] += 1
        else:
            found["task", each.name, history] += 1
    return found


def sound(run: FlowRun | TaskRun, history: list[wire.State]) -> tuple[str, ...]:
    """Return the names of a run's states; the run is what they have made of it, in a line that ends once."""
    assert [state.timestamp for state in history] == sorted(state.timestamp for state in history)
    assert len({state.id for state in history}) == len(history)
    assert all(state.type not in FINAL for state in history[:-1])
    last = history[-1]
    assert (run.state_id, run.state_type, run.state_name) == (last.id, last.type, last.name)
    assert run.state is not None
    assert (run.state.id, run.state.timestamp) == (last.id, last.timestamp)
    again = msgspec.structs.replace(
        run, state=None, run_count=0, start_time=None, end_time=None, total_run_time=0.0, expected_start_time=None
    )
    for state in history:
        advance_flow_run(again, state) if isinstance(again, FlowRun) else advance_task_run(again, state)
    for field in ("run_count", "start_time", "end_time", "next_scheduled_start_time", "expected_start_time"):
        assert getattr(again, field) == getattr(run, field), field
    assert abs(again.total_run_time - run.total_run_time) < 1e-5
    return tuple(state.name or "" for state in history)


@settings(max_examples=40, deadline=None)
@given(PROGRAMS)
def test_what_is_recorded_is_what_was_done(program: Program) -> None:
    runs, end, _ = expected(program)
    note(repr(program))
    with lictor_test_harness(), get_client(sync_client=True) as client:
        given: Any = flow_of(program)(return_state=True)
        state: State = asyncio.run(given) if program.in_loop else given
        assert state.name == end
        assert recorded(client) == runs
