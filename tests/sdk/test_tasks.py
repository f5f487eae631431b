"""Tasks: submitted, mapped, nested, retried, named, tagged; and what the server knows of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from lictor import as_completed, flow, get_client, tags, task, unmapped, wait
from lictor.engine.errors import MappingError, MissingContext, UnfinishedRun
from lictor.futures import resolve_futures_to_results
from lictor.wire.types.task_run import TaskRun
from tests.sdk.conftest import Api, ended


@task
def increment(x: int) -> int:
    return x + 1


@task
def several() -> list[object]:
    return [object(), object()]


@task
def take(*values: Any, **named: Any) -> Any:
    return values[0] if values else named


@task
def bad() -> int:
    raise ValueError("bad")


def edges(runs: list[TaskRun], index: int) -> dict[str, set[str]]:
    """Return the names of the runs that a run's parameters came from, by the parameter."""
    names = {run.id: run.name for run in runs}
    return {
        parameter: {names[source.id] for source in sources}  # type: ignore[union-attr]  # only runs are told
        for parameter, sources in runs[index].task_inputs.items()
        if sources
    }


def test_futures_states_and_values_are_recorded_as_dependencies(api: Api) -> None:
    @flow
    def connected() -> None:
        made = several.with_options(task_run_name="made")()
        take.with_options(task_run_name="whole")(made)
        take.with_options(task_run_name="part")(x=[made[0], 3])
        future = increment.with_options(task_run_name="future").submit(1)
        take.with_options(task_run_name="of future").submit(a=future, b=[{"deep": (future,)}]).wait()
        state: Any = ended(increment.with_options(task_run_name="state"), 1)
        assert take.with_options(task_run_name="of state")(state) == 2
        take.with_options(task_run_name="after")(1, wait_for=[future, state])

    runs = api.task_runs(ended(connected), 8)
    found = {run.name: edges(runs, index) for index, run in enumerate(runs)}
    assert found == {
        "made": {},
        "whole": {"values": {"made"}},
        "part": {"named": {"whole"}} if found["part"] == {"named": {"whole"}} else {"named": {"made"}},
        "future": {},
        "of future": {"named": {"future"}},
        "state": {},
        "of state": {"values": {"state"}},
        "after": {"wait_for": {"future", "state"}},
    }


def test_a_mapped_task_runs_once_an_item(api: Api) -> None:
    @flow
    def mapped() -> list[Any]:
        source = increment.submit(1)
        numbers = increment.map([1, 2, 3])
        both = take.map(numbers, b=unmapped([1, 2]), c="text")
        wait([source])
        return [numbers.result(), both.result(), take.map(several()).result()]

    state = ended(mapped)
    first, second, third = state.result()
    assert first == [2, 3, 4]
    assert second == [2, 3, 4]
    assert len(third) == 2
    runs = api.task_runs(state, 10)
    made = next(index for index, run in enumerate(runs) if run.task_key.startswith("several"))
    of_items = [edges(runs, index)["values"] for index in range(made + 1, len(runs))]
    assert of_items == [{runs[made].name}, {runs[made].name}]


def test_what_a_mapped_task_made_is_an_argument(api: Api) -> None:
    @task
    def total(numbers: list[int]) -> int:
        assert type(numbers) is list
        return sum(numbers)

    @flow
    def reducing() -> list[int]:
        numbers: Any = increment.map([1, 2])
        return [total.submit(numbers).result(), total(numbers), total(numbers, wait_for=[numbers])]

    state = ended(reducing)
    assert state.result() == [5, 5, 5]
    runs = api.task_runs(state, 5)
    assert edges(runs, 2)["numbers"] == {runs[0].name, runs[1].name}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(((1,)), "no argument is a collection"), (([1, 2], [1]), "different lengths"), (("text",), "no argument")],
)
def test_what_cannot_be_mapped_is_said(api: Api, arguments: Any, message: str) -> None:
    @flow
    def mapped() -> None:
        take.map(*arguments)

    with pytest.raises(MappingError, match=message):
        mapped()


def test_a_task_whose_input_failed_does_not_begin(api: Api) -> None:
    @flow
    def broken() -> int:
        failed = bad.submit()
        blocked = increment.submit(failed)
        waited = increment.submit(1, wait_for=[failed])
        for future in (blocked, waited):
            with pytest.raises(UnfinishedRun):
                future.result()
            assert future.state.name == "NotReady"
        with pytest.raises(ValueError, match="bad"):
            failed.result()
        assert isinstance(failed.result(raise_on_failure=False), ValueError)
        return 1

    state = ended(broken)
    assert state.result() == 1
    runs = api.task_runs(state, 3)
    assert [run.state_name for run in runs] == ["Failed", "NotReady", "NotReady"]
    assert [api.task_run_states(run) for run in runs] == [
        ["Pending", "Running", "Failed"],
        ["Pending", "NotReady"],
        ["Pending", "NotReady"],
    ]


Delay = float | list[float] | Callable[[int], list[float]]


@pytest.mark.parametrize(
    ("delay", "names"),
    [
        (0, ["Pending", "Running", "Retrying", "Retrying", "Completed"]),
        ([0, 0.01], ["Pending", "Running", "Retrying", "AwaitingRetry", "Retrying", "Completed"]),
        (lambda retries: [0.01] * retries, ["Pending", "Running", *["AwaitingRetry", "Retrying"] * 2, "Completed"]),
    ],
)
def test_a_task_is_retried_after_its_delays(api: Api, delay: Delay, names: list[str]) -> None:
    calls: list[int] = []

    @task(retries=2, retry_delay_seconds=delay)
    def flaky() -> int:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("not yet")
        return len(calls)

    @flow
    def once() -> int:
        return flaky()

    state = ended(once)
    assert state.result() == 3
    (run,) = api.task_runs(state, 1)
    assert (run.run_count, run.empirical_policy.retries) == (3, 2)
    assert api.task_run_states(run) == names


@pytest.mark.parametrize(
    ("delay", "message"), [(-1, "below 0"), ([1, -1], "below 0"), ([1.0] * 51, "at most 50"), ("x", "could not")]
)
def test_a_delay_that_makes_no_sense_is_refused(delay: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        task(retries=1, retry_delay_seconds=delay)(print)


def test_names_and_tags_come_from_options_and_context(api: Api) -> None:
    @task(tags=["b", "a"], task_run_name="x is {x}", version="7")
    def named(x: int) -> int:
        return x

    @flow(flow_run_name=lambda parameters: f"of {parameters['n']}")
    def top(n: int) -> None:
        named(n)
        with tags("outer"), tags("inner"):
            named.with_options(task_run_name=lambda: "computed")(n)

    with tags("run"):
        state = ended(top, 3)
    run = api.flow_run(state)
    assert (run.name, run.tags) == ("of 3", ["run"])
    runs = api.task_runs(state, 2)
    assert [(one.name, one.tags, one.task_version) for one in runs] == [
        ("x is 3", ["a", "b", "run"], "7"),
        ("computed", ["a", "b", "inner", "outer", "run"], "7"),
    ]


def test_a_run_name_that_cannot_be_filled_in_names_what_it_may_use(api: Api) -> None:
    @flow(flow_run_name="of {m}")
    def top(n: int) -> None: ...

    with pytest.raises(ValueError, match=r"it may use \{n\}"):
        top(3)


def test_a_task_in_a_task_names_its_parent(api: Api) -> None:
    @task
    def outer(x: int) -> int:
        return increment(x) + increment.submit(x).result()

    @flow
    def nested() -> int:
        return outer(1) + outer.submit(1).result()

    state = ended(nested)
    assert state.result() == 8
    runs = api.task_runs(state, 6)
    parents = {run.name for run in runs if run.task_key.startswith("outer")}
    children = [edges(runs, index)["__parents__"] for index, run in enumerate(runs) if run.name not in parents]
    assert len(children) == 4
    assert all(len(one) == 1 and one <= parents for one in children)


def test_many_submitted_tasks_run_at_once_and_the_flow_waits_for_them(api: Api) -> None:
    together = threading.Barrier(20)
    seen: list[int] = []

    @task
    def meet(number: int) -> None:
        together.wait(10)
        seen.append(number)

    @flow
    def crowd() -> None:
        meet.map(range(20))

    state = ended(crowd)
    assert sorted(seen) == list(range(20))
    assert {run.state_name for run in api.task_runs(state, 20)} == {"Completed"}


def test_a_pool_has_at_most_the_threads_it_may_have(api: Api) -> None:
    running, most = [0], [0]
    guard = threading.Lock()

    @task
    def count(_: int) -> None:
        with guard:
            running[0] += 1
            most[0] = max(most[0], running[0])
        with guard:
            running[0] -= 1

    @flow(max_workers=2)
    def few() -> None:
        count.map(range(50)).wait()

    few()
    assert most[0] <= 2


def test_futures_are_given_as_they_end(api: Api) -> None:
    begun, gate = threading.Event(), threading.Event()

    @task
    def waits() -> str:
        begun.set()
        gate.wait(10)
        return "late"

    @task
    def quick() -> str:
        return "early"

    @flow
    def ordered() -> list[str]:
        late, early = waits.submit(), quick.submit()
        early.wait()
        assert begun.wait(10)
        assert late.state.is_running()
        with pytest.raises(TimeoutError):
            late.result(timeout=0)
        done, open_ = wait([late, early], timeout=0)
        assert (done, open_) == ({early}, {late})
        order = []
        for future in as_completed([late, early], timeout=60):
            order.append(future.result())
            gate.set()
        return order

    assert ordered() == ["early", "late"]


def test_a_task_outside_of_a_flow_runs_and_is_known(api: Api) -> None:
    state = ended(increment, 1)
    assert state.result() == 2
    from lictor.client.connection import connection
    from lictor.wire.operations import task_run
    from tests.sdk.conftest import eventually

    assert connection().outbox.flush(10)
    assert state.state_details.task_run_id is not None
    body = task_run.ReadTaskRuns(task_runs=None)
    with get_client(sync_client=True) as client:
        runs = eventually(
            lambda: [one for one in client(task_run.FILTER(body)) if one.id == state.state_details.task_run_id],
            lambda found: bool(found) and found[0].state_name == "Completed",
        )
    assert (runs[0].flow_run_id, runs[0].name) == (None, "increment")


def test_submit_belongs_in_a_flow() -> None:
    with pytest.raises(MissingContext, match="in a flow only"):
        increment.submit(1)


def test_submitted_and_mapped_runs_give_their_states(api: Api) -> None:
    @task
    def half(x: int) -> int:
        if x % 2:
            raise ValueError(x)
        return x // 2

    @flow
    def halves() -> None:
        state = half.submit(4, return_state=True)
        assert state.result() == 2
        states = half.map([2, 3], return_state=True)
        assert [each.is_completed() for each in states] == [True, False]
        assert resolve_futures_to_results({"all": half.map([2, 4])}) == {"all": [1, 2]}
        with pytest.raises(ValueError, match="3"):
            resolve_futures_to_results([half.submit(3)])

    halves()
