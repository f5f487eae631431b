"""How things are measured: CPU time of a whole process tree, and the median of several rounds."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SCHEDULED_CPU = 2  # CPUCLOCK_SCHED: how the kernel names a process's clock of user and system time
TICK = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Return the processes that a process started, theirs included."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has just ended
            for child in (task / "children").read_text().split():
                found += [int(child), *children(int(child))]
    return found


def precise_cpu(pid: int) -> float:
    """Return the CPU seconds of one process, to the nanosecond, ended threads included, by its own clock."""
    return time.clock_gettime(~pid << 3 | SCHEDULED_CPU)


def cpu(pid: int) -> float:
    """Return the CPU seconds (user and system) that a process and its children have used."""
    return sum(precise_cpu(each) for each in (pid, *children(pid)))


def total_cpu(pid: int) -> float:
    """Return the CPU seconds of a process tree from its beginning, ended threads and children included."""
    seconds = 0.0
    for each in (pid, *children(pid)):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        seconds += sum(int(fields[at]) for at in (11, 12, 13, 14)) / TICK
    return seconds


def resident(pid: int) -> float:
    """Return the resident memory of a process tree in MB."""
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in (pid, *children(pid)))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cost(pid: int, work: Callable[[], object], times: int) -> float:
    """Return the CPU milliseconds of a process tree for one of `times` repetitions of some work."""
    before = cpu(pid)
    for _ in range(times):
        work()
    settle(pid)
    return (cpu(pid) - before) * 1000 / times


def settle(pid: int, pause: float = 0.2, most: float = 30.0) -> None:
    """Wait until a process tree has nothing left to do: what an answer left for later belongs to its cost."""
    deadline = time.monotonic() + most
    while time.monotonic() < deadline:
        before = cpu(pid)
        time.sleep(pause)
        if cpu(pid) - before < 0.02 * pause:
            return


def median(values: list[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)
