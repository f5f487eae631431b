"""State-change hooks, timeouts and retry conditions, of sync and async flows and tasks alike."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

import pytest

from lictor import Cancelled, flow, task
from lictor.engine.errors import TimedOut
from tests.sdk.conftest import Api, ended


async def ended_later(run: Any) -> Any:
    """Return the state that an async flow ends in."""
    return await run(return_state=True)


Told = list[tuple[str, str]]


def telling(told: Told, name: str = "hook") -> Any:
    def hook(owner: Any, run: Any, state: Any) -> None:
        told.append((name, f"{owner.name} {run.name} {state.name}"))

    hook.__name__ = name
    return hook


def test_a_flows_hooks_are_told_of_its_states(api: Api) -> None:
    told: Told = []
    hooks = {name: [telling(told, name)] for name in ("on_running", "on_completion", "on_failure", "on_crashed")}

    @flow(flow_run_name="one", **hooks)  # type: ignore[call-overload, untyped-decorator]
    def hooked(end: str) -> None:
        told.append(("itself", end))
        if end == "failed":
            raise ValueError(end)
        if end == "crashed":
            raise KeyboardInterrupt

    hooked("completed")
    assert told == [
        ("on_running", "hooked one Running"),
        ("itself", "completed"),
        ("on_completion", "hooked one Completed"),
    ]
    told.clear()
    with pytest.raises(ValueError, match="failed"):
        hooked("failed")
    assert told[2:] == [("on_failure", "hooked one Failed")]
    told.clear()
    with pytest.raises(KeyboardInterrupt):
        hooked("crashed")
    assert told[2:] == [("on_crashed", "hooked one Crashed")]


def test_a_tasks_hooks_are_told_of_its_states_once_for_all_its_tries(api: Api) -> None:
    told: Told = []
    tries: list[int] = []

    @task(retries=1, on_completion=[telling(told, "done")], on_failure=[telling(told, "failed")])
    def flaky(often: int) -> int:
        tries.append(1)
        if len(tries) <= often:
            raise ValueError("again")
        return 1

    assert flaky(1) == 1
    assert [name for name, _ in told] == ["done"]
    tries.clear()
    told.clear()
    with pytest.raises(ValueError, match="again"):
        flaky(5)
    assert [name for name, _ in told] == ["failed"]


def test_hooks_are_added_as_decorators_and_go_with_other_options(api: Api) -> None:
    told: Told = []

    @flow
    def decorated() -> None: ...

    @decorated.on_completion
    def first(owner: Any, run: Any, state: Any) -> None:
        told.append(("first", state.name))

    @decorated.on_completion
    async def second(owner: Any, run: Any, state: Any) -> None:
        await asyncio.sleep(0)
        told.append(("second", state.name))

    decorated()
    assert told == [("first", "Completed"), ("second", "Completed")]
    told.clear()
    decorated.with_options(name="other")()
    assert [name for name, _ in told] == ["first", "second"]
    assert first.__name__ == "first"


async def test_async_runs_await_async_hooks(api: Api) -> None:
    told: Told = []

    async def hook(owner: Any, run: Any, state: Any) -> None:
        await asyncio.sleep(0)
        told.append((type(owner).__name__, state.name))

    @task(on_running=[hook], on_completion=[hook])
    async def inner() -> int:
        return 1

    @flow(on_completion=[hook])
    async def outer() -> int:
        return await inner()

    assert await outer() == 1
    assert told == [("Task", "Running"), ("Task", "Completed"), ("Flow", "Completed")]


def test_a_hook_that_raises_changes_nothing_and_is_logged(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    told: Told = []

    def broken(owner: Any, run: Any, state: Any) -> None:
        raise RuntimeError("in the hook")

    @flow(on_completion=[broken, telling(told)])
    def fine() -> int:
        return 7

    assert fine() == 7
    assert len(told) == 1
    assert "Hook 'broken' raised RuntimeError: in the hook" in caplog.text


def nothing() -> None: ...


@pytest.mark.parametrize("given", [print, ["x"], [None]])
def test_what_is_no_list_of_functions_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="on_completion takes"):
        flow(on_completion=given)(nothing)
    with pytest.raises(TypeError, match="on_failure takes"):
        task(on_failure=given)(nothing)


def test_a_run_that_is_cancelled_by_itself_calls_no_hook_of_failures(api: Api) -> None:
    told: Told = []

    @flow(on_failure=[telling(told)], on_completion=[telling(told)])
    def cancelled() -> Any:
        return Cancelled()

    assert ended(cancelled).name == "Cancelled"
    assert told == []


def test_a_flow_and_a_task_end_in_time(api: Api) -> None:
    @task(timeout_seconds=0.2)
    def slow() -> None:
        time.sleep(30)

    @flow(timeout_seconds=5)
    def patient() -> Any:
        return ended(slow)

    begun = time.monotonic()
    state = ended(patient)
    assert time.monotonic() - begun < 25
    assert state.is_failed()
    assert getattr(state.result(raise_on_failure=False), "name", None) == "TimedOut"
    with pytest.raises(TimedOut, match=r"not done after 0\.2 s") as raised:
        slow()
    assert "time.sleep(30)" in str(raised.traceback[-1].statement), "it tells where the time went"

    @flow(timeout_seconds=0.2)
    def hasty() -> None:
        slow.with_options(timeout_seconds=20)()

    state = ended(hasty)
    assert (state.type, state.name) == ("FAILED", "TimedOut")
    assert api.flow_run_states(state)[-1] == "TimedOut"
    assert time.monotonic() - begun < 25


def test_a_submitted_task_ends_in_time_and_is_tried_again(api: Api) -> None:
    tries: list[int] = []

    @task(timeout_seconds=0.1, retries=1)
    def busy() -> None:
        tries.append(1)
        while True:
            pass

    @flow
    def submitting() -> Any:
        return busy.submit()

    state = ended(submitting)
    assert isinstance(state.problem(), TimedOut)
    assert len(tries) == 2


TRACED = """
import sys, threading, time
from lictor.engine.timeouts import Deadline, run_within

def run(seconds, late):
    try:
        run_within(Deadline(seconds), lambda: time.sleep(late))
    except Exception as error:
        print(error)

for each in ((60, 0), (0.05, 0.2)):
    thread = threading.Thread(target=run, args=each)
    thread.start()
    thread.join()
sys.setprofile(lambda *event: None)
print(len("abc"))
"""


def test_a_program_can_be_traced_after_timeouts_in_threads() -> None:
    done = subprocess.run([sys.executable, "-c", TRACED], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "not done after 0.05 s\n3\n"


async def test_an_async_run_ends_in_time_and_its_own_timeouts_are_its_own(api: Api) -> None:
    @flow(timeout_seconds=0.1)
    async def sleeping() -> None:
        await asyncio.sleep(30)

    @flow(timeout_seconds=10)
    async def raising() -> None:
        raise TimeoutError("of its own")

    assert (await ended_later(sleeping)).name == "TimedOut"
    assert (await ended_later(raising)).name == "Failed"


def test_a_condition_decides_whether_a_task_is_tried_again(api: Api) -> None:
    tries: list[str] = []

    def only_values(owner: Any, run: Any, state: Any) -> bool:
        return isinstance(state.problem(), ValueError)

    def broken(owner: Any, run: Any, state: Any) -> bool:
        raise RuntimeError

    @task(retries=2, retry_condition_fn=only_values)
    def raising(kind: type[Exception]) -> None:
        tries.append(kind.__name__)
        raise kind("no")

    for kind, often in ((ValueError, 3), (KeyError, 1)):
        tries.clear()
        with pytest.raises(kind):
            raising(kind)
        assert tries == [kind.__name__] * often
    tries.clear()
    with pytest.raises(ValueError, match="no"):
        raising.with_options(retry_condition_fn=broken)(ValueError)
    assert len(tries) == 1
