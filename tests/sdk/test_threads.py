"""Threads for submitted work: as many as are needed, and no more."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from functools import partial

import pytest

from lictor.engine.threads import PROMPT, Threads


def test_work_that_waits_for_work_gets_further_threads() -> None:
    count = PROMPT * 5
    together = threading.Barrier(count + 1)
    threads = Threads("many", None)
    for _ in range(count):
        threads.submit(lambda: together.wait(20))
    together.wait(20)
    threads.close()


def test_short_work_shares_threads() -> None:
    done = threading.Semaphore(0)
    threads = Threads("short", None)
    for _ in range(5000):
        threads.submit(done.release)
    for _ in range(5000):
        assert done.acquire(timeout=60)
    assert threads.started <= PROMPT * 4
    threads.close()


def test_a_limit_holds_and_order_is_kept() -> None:
    order: list[int] = []
    over = threading.Event()
    threads = Threads("one", 1)
    for number in range(100):
        threads.submit(partial(order.append, number))
    threads.submit(over.set)
    assert over.wait(20)
    assert (order, threads.started) == (list(range(100)), 1)
    threads.close()


def test_a_thread_that_took_waiting_work_is_not_free_twice() -> None:
    count = PROMPT * 2
    gate, done = threading.Event(), threading.Semaphore(0)
    threads = Threads("twice", None)

    def opened() -> None:
        assert gate.wait(20)
        done.release()

    for _ in range(PROMPT):
        threads.submit(opened)
    for _ in range(count):
        threads.submit(done.release)
    gate.set()
    for _ in range(PROMPT + count):
        assert done.acquire(timeout=20)
    together = threading.Barrier(PROMPT + count + 1)
    for _ in range(PROMPT + count):
        threads.submit(lambda: together.wait(20))
    together.wait(20)
    threads.close()


def test_there_are_never_more_threads_than_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lictor.engine.threads.IDLE_SHARE", float("inf"))  # as on a machine that others keep busy
    count, done = PROMPT * 4, threading.Semaphore(0)
    threads = Threads("capped", None)

    def short() -> None:
        sum(range(2000))
        done.release()

    for _ in range(200):
        for _ in range(count):
            threads.submit(short)
        for _ in range(count):
            assert done.acquire(timeout=20)
        while threads.unfinished:  # a thread that has done its work is not at once ready for more
            time.sleep(0)
    assert threads.started <= count
    threads.close()


def test_work_is_done_by_the_threads_that_there_are_where_the_system_refuses_more() -> None:
    code = """
import resource, threading, time
from pathlib import Path
from lictor.engine.threads import Threads
now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 600_000_000,) * 2)
threads, done = Threads("refused", None), threading.Semaphore(0)
for _ in range(600):
    threads.submit(lambda: time.sleep(0.1) or done.release())
for _ in range(600):
    assert done.acquire(timeout=30)
assert 1 < threads.most < 300, threads.most
print("done")
"""
    answer = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=100)
    assert answer.stdout == "done\n", answer.stderr
