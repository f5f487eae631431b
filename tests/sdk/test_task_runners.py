"""Task runners: threads, processes, and one of one's own."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import cloudpickle
import pytest

from lictor import as_completed, flow, get_run_logger, runtime, tags, task, unmapped, wait
from lictor.engine.errors import CrashedRun, NotPortable, TimedOut
from lictor.futures import Future
from lictor.settings import Setting, current, load, table, temporary_settings
from lictor.task_runners import ProcessPoolTaskRunner, Submission, TaskRunner, ThreadPoolTaskRunner
from tests.running import clean_environment
from tests.sdk.conftest import Api, ended

LONG = 90.0


@task
def where(x: int = 0) -> tuple[int, int]:
    return os.getpid(), x


@task
def add(x: int, y: int) -> int:
    return x + y


@task(tags=["heavy"], log_prints=True)
def tells() -> dict[str, Any]:
    get_run_logger().warning("from the logger")
    print("from a print")
    return {
        "flow_run": runtime.flow_run.id,
        "flow": runtime.flow_run.flow_name,
        "parameters": runtime.flow_run.parameters,
        "task_run": runtime.task_run.id,
        "tags": sorted(runtime.task_run.tags),
        "folder": str(current()[table.HOME]),
        "interval": current()[table.LOGGING_TO_API_BATCH_INTERVAL],
    }


class Odd(Exception):
    """An error that pickle cannot make again."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


@task
def breaks(how: str) -> object:
    if how == "plainly":
        raise ValueError("as it happens")
    if how == "oddly":
        raise Odd("quite", "odd")
    if how == "by returning":
        return threading.Lock()
    if how == "by exit":
        os._exit(3)
    os.kill(os.getpid(), signal.SIGKILL)
    return None


@task(retries=1, retry_delay_seconds=0)
def second_time(folder: str) -> int:
    tries = len(os.listdir(folder))
    (Path(folder) / str(tries)).touch()
    if tries == 0:
        raise ValueError("the first time")
    return tries


@task(timeout_seconds=0.2)
def sleeps() -> None:
    time.sleep(60)


@flow
def inner(x: int) -> int:
    return add(x, 1)


@task
def calls_more(x: int) -> list[int]:
    return [add(x, 1), add.submit(x, 2).result(), inner(x)]


@task
async def later(x: int) -> int:
    await asyncio.sleep(0)
    return x * 2


@task
def counts(x: int) -> Iterator[int]:
    yield from range(x)


@pytest.fixture(params=["spawn", "fork"])
def method(request: pytest.FixtureRequest) -> Iterator[str]:
    """The way in which processes start."""
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
class TestProcesses:
    def test_tasks_run_in_processes_with_what_they_are_in(self, api: Api, method: str) -> None:
        one = 1

        @task
        def closure(x: int) -> int:
            return x + one

        @flow(task_runner=ProcessPoolTaskRunner(max_workers=2))
        def several(n: int) -> dict[str, Any]:
            with tags("inside"):
                told = tells.submit()
            futures = where.map([1, 2, 3])
            first = futures[0]
            summed = add.submit(closure.submit(1), 10)
            return {
                "several": later.submit(4).result(),
                "listed": counts.submit(3).result(),
                "more": calls_more.submit(5).result(),
                "mapped": add.map([1, 2], unmapped(summed)).result(),
                "told": told.result(),
                "pids": {future.result()[0] for future in as_completed(futures)},
                "waited": len(wait([first])[0]),
                "shown": first.state.name,
            }

        state = ended(several, 7)
        found = state.result()
        told, pids = found.pop("told"), found.pop("pids")
        assert found == {
            "several": 8,
            "listed": [0, 1, 2],
            "more": [6, 7, 6],
            "mapped": [13, 14],
            "waited": 1,
            "shown": "Completed",
        }
        assert os.getpid() not in pids
        assert len(pids) <= 2
        assert told["flow_run"] == str(state.state_details.flow_run_id)
        assert (told["flow"], told["parameters"], told["tags"]) == ("several", {"n": 7}, ["heavy", "inside"])
        assert (told["folder"], told["interval"]) == (
            str(current()[table.HOME]),
            current()[table.LOGGING_TO_API_BATCH_INTERVAL],
        )
        runs = api.task_runs(state, 14)
        named = {run.task_key.rpartition("-")[0]: run for run in runs}
        assert api.task_run_states(named["tells"]) == ["Pending", "Running", "Completed"]
        assert [one.id for one in runs if str(one.id) == told["task_run"]]
        lines = [(line.message, str(line.task_run_id)) for line in api.logs(state)]
        assert ("from the logger", told["task_run"]) in lines
        assert ("from a print", told["task_run"]) in lines

    def test_what_goes_wrong_comes_back(self, api: Api, method: str, tmp_path: Path) -> None:
        lock = threading.Lock()

        @task
        def holds() -> bool:
            return lock.locked()

        @flow(task_runner=ProcessPoolTaskRunner(max_workers=1))
        def failing() -> list[Any]:
            errors: list[Any] = [
                breaks.submit(how).result(raise_on_failure=False)
                for how in ("plainly", "oddly", "by returning", "by exit", "by force")
            ]
            for future in (holds.submit(), add.submit(1, cast(int, lock)), sleeps.submit()):
                errors.append(future.result(raise_on_failure=False))
            return [*errors, second_time.submit(str(tmp_path)).result()]

        state = ended(failing)
        plain, odd, returned, left, killed, unportable, argument, slow, again = state.result()
        assert isinstance(plain, ValueError)
        assert str(plain) == "as it happens"
        assert "Odd: quite odd" in str(odd)
        assert isinstance(returned, NotPortable)
        assert "what task 'breaks' returned, of type lock, cannot be sent" in str(returned)
        assert isinstance(left, CrashedRun)
        assert "ended with exit code 3 before the run was over" in str(left)
        assert "was killed by SIGKILL" in str(killed)
        assert str(unportable).startswith("task 'holds' cannot be sent to another process: TypeError: cannot pickle")
        assert str(argument).startswith("the argument 'y' of task 'add' cannot be sent to another process")
        assert isinstance(slow, TimedOut)
        assert again == 1
        runs = api.task_runs(state, 9)
        assert [run.state.name for run in runs if run.state] == [
            *["Failed"] * 3,
            *["Crashed"] * 2,
            *["Failed"] * 2,
            "TimedOut",
            "Completed",
        ]
        assert api.task_run_states(runs[4]) == ["Pending", "Running", "Crashed"]
        assert api.task_run_states(runs[8])[-2:] == ["Retrying", "Completed"]


PROGRAM = """
import os, sys
from lictor import flow, task
from lictor.task_runners import ProcessPoolTaskRunner

FACTOR = 10

class Point:
    def __init__(self, x): self.x = x

class Sums:
    def __init__(self, most): self.most = most
    @task
    def down(self, x): return min(self.most, x) if x < 2 else x + self.down.fn(x - 1)

@task
def factorial(n): return 1 if n < 2 else n * factorial(n - 1)

@task
def moved(point, by): return Point(by(point.x) * FACTOR)

@flow(task_runner=ProcessPoolTaskRunner(max_workers=1))
def main():
    found = moved.submit(Point(1), lambda x: x + 1).result()
    assert isinstance(found, Point), type(found)
    return found.x, factorial.submit(4).result(), Sums(100).down.submit(3).result()

if __name__ == "__main__":
    import multiprocessing
    multiprocessing.set_start_method(sys.argv[1])
    print(main())
"""


def started(program: str, folder: Path, api: Api, *arguments: str) -> subprocess.Popen[str]:
    """Start a program whose flows run against the server."""
    file = folder / "program.py"
    file.write_text(program)
    environment = {
        **clean_environment(),
        "PREFECT_API_URL": current()[table.API_URL] or "",
        "PREFECT_HOME": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, str(file), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("way", ["spawn", "fork", "forkserver"])
def test_what_stands_in_a_program_itself_is_sent(api: Api, tmp_path: Path, way: str) -> None:
    process = started(PROGRAM, tmp_path, api, way)
    out, errors = process.communicate(timeout=LONG)
    assert out.strip() == "(20, 24, 6)", errors


BUSY = """
import os, threading, time
from lictor import flow, runtime, task
from lictor.task_runners import ProcessPoolTaskRunner

@task
def busy():
    os.write(1, f"{os.getpid()}\\n".encode())  # at once: several processes write
    time.sleep(600)

@flow(task_runner=ProcessPoolTaskRunner(max_workers=2))
def main(most):
    os.write(1, f"{runtime.flow_run.id}\\n".encode())
    for future in [busy.submit() for _ in range(most)]: future.wait()

if __name__ == "__main__":
    main(2)
"""
IN_TWO_FLOWS = BUSY.replace(
    "    main(2)",
    """
    threads = [threading.Thread(target=main, args=(1,)) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
""",
)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_stays_behind(api: Api, tmp_path: Path, how: signal.Signals) -> None:
    process = started(BUSY, tmp_path, api)
    assert process.stdout is not None
    run_id, *pids = [process.stdout.readline().strip() for _ in range(3)]
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does
    else:
        process.send_signal(how)
    process.communicate(timeout=LONG)
    gone(pids)
    if how != signal.SIGKILL:
        runs = api.task_runs(UUID(run_id), 2)
        assert [run.state.name for run in runs if run.state] == ["Crashed", "Crashed"]


def test_processes_of_several_flows_end_with_their_parent(api: Api, tmp_path: Path) -> None:
    process = started(IN_TWO_FLOWS, tmp_path, api)
    assert process.stdout is not None
    pids = [line for _ in range(16) if "-" not in (line := process.stdout.readline().strip())]
    assert len(pids) == 8
    process.kill()
    gone(pids)


def gone(pids: list[str]) -> None:
    """Wait until processes are gone."""
    end = time.monotonic() + LONG
    while any(map(lives, pids)):
        assert time.monotonic() < end
        time.sleep(0.02)


UNGUARDED = """
import multiprocessing
from lictor import flow, task
from lictor.task_runners import ProcessPoolTaskRunner

@task
def one(): return 1

@flow(task_runner=ProcessPoolTaskRunner(max_workers=1))
def main(): return one.submit().result()

if multiprocessing.get_start_method(allow_none=True) is None: multiprocessing.set_start_method("spawn")
main()
"""


def test_a_program_that_calls_its_flow_when_it_is_imported_is_told_of_it(api: Api, tmp_path: Path) -> None:
    process = started(UNGUARDED, tmp_path, api)
    _, errors = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert "under `if __name__ == '__main__':`" in errors.splitlines()[-1]


def lives(pid: str) -> bool:
    """Whether a process is there and not just waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class AtOnce(TaskRunner):
    """Runs each task where it is submitted."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def start(self, run: Submission) -> None:
        self.names.append(run.name)
        run.here()

    def duplicate(self) -> AtOnce:
        return self


class TestChoice:
    def test_a_runner_of_ones_own(self, api: Api) -> None:
        runner = AtOnce()

        @flow(task_runner=runner)
        def mine() -> list[Any]:
            first: Future[int] = add.submit(1, 2)
            assert first.done
            return [first.result(), *add.map([1, 2], 1).result(), *runner.map(add, {"x": [5], "y": first}).result()]

        assert ended(mine).result() == [3, 2, 3, 8]
        assert len(runner.names) == 4

    @pytest.mark.parametrize("kind", [ThreadPoolTaskRunner, ProcessPoolTaskRunner])
    def test_a_runner_beside_that_of_the_flow(self, api: Api, kind: type[TaskRunner]) -> None:
        @flow
        def beside() -> tuple[int, int]:
            with kind() as runner:
                found: tuple[int, int] = runner.submit(where, {"x": 3}).result()
                return found

        assert ended(beside).result()[1] == 3
        with pytest.raises(RuntimeError, match="is not open: use it as `with"):
            kind().start(None)  # type: ignore[arg-type]

    def test_workers_come_from_the_settings(self, api: Api) -> None:
        updates: dict[Setting[Any] | str, Any] = {
            table.TASKS_RUNNER_THREAD_POOL_MAX_WORKERS: 3,
            table.TASKS_RUNNER_PROCESS_POOL_MAX_WORKERS: 5,
        }
        with temporary_settings(updates):
            assert ThreadPoolTaskRunner() == ThreadPoolTaskRunner(max_workers=3)
            assert ProcessPoolTaskRunner().max_workers == 5
            assert flow(task_runner=ThreadPoolTaskRunner)(print).spec.runner == ThreadPoolTaskRunner(3)
        assert ProcessPoolTaskRunner().max_workers == os.cpu_count()
        assert ProcessPoolTaskRunner(2).duplicate() == ProcessPoolTaskRunner(2) != ThreadPoolTaskRunner(2)

    def test_what_cannot_be_is_refused(self) -> None:
        with pytest.raises(ValueError, match="max_workers: 0 is not above 0"):
            ThreadPoolTaskRunner(max_workers=0)
        with pytest.raises(TypeError, match="task_runner takes a TaskRunner such as"):
            flow(task_runner=4)(print)  # type: ignore[call-overload]
        with pytest.raises(ValueError, match="exclude each other"):
            flow(task_runner=ThreadPoolTaskRunner(2), max_workers=3)(print)
        with pytest.raises(NotImplementedError, match="define start"):
            TaskRunner().start(None)  # type: ignore[arg-type]


class TestPickling:
    def test_what_can_be_imported_is_sent_by_its_name(self) -> None:
        assert pickle.loads(pickle.dumps(add)) is add
        assert pickle.loads(pickle.dumps(inner)) is inner

    def test_options_and_methods_come_along(self) -> None:
        changed = add.with_options(name="other", retries=3, tags=["a"])
        again = pickle.loads(cloudpickle.dumps(changed))
        assert again is not add
        assert (again.name, again.spec.retries, again.spec.tags) == ("other", 3, {"a"})
        assert again.spec.key == changed.spec.key
        assert again.fn(1, 2) == 3

    def test_settings_come_along(self) -> None:
        with temporary_settings({table.TASKS_DEFAULT_RETRIES: 4}):
            sent = pickle.loads(pickle.dumps(load.packed_settings(current())))
            before = {each: current()[each] for each in table.SETTINGS}
            load.unpacked_settings(*sent)
            assert {each: current()[each] for each in table.SETTINGS} == before
            assert current()[table.TASKS_DEFAULT_RETRIES] == 4
