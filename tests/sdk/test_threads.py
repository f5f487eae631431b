"""Threads for submitted work: as many as are needed, and no more."""

from __future__ import annotations

import threading
from functools import partial

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
