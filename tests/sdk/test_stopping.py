"""A process that serves hears that it is to end, whatever it does at that moment."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from lictor.sdk.stopping import stopped_by_signals

PATIENCE = 5.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heard_while_the_main_thread_holds_a_lock(number: signal.Signals) -> None:
    lock, before = threading.Lock(), signal.getsignal(number)
    heard: list[bool] = []

    def stop() -> None:
        heard.append(lock.acquire(timeout=PATIENCE))
        if heard[-1]:
            lock.release()

    with stopped_by_signals(stop):
        for _ in range(2):
            with lock:
                signal.raise_signal(number)
    assert heard == [True, True]
    assert signal.getsignal(number) == before


def test_other_threads_hear_no_signals_and_do_no_harm() -> None:
    before = signal.getsignal(signal.SIGTERM)

    def other() -> None:
        with stopped_by_signals(lambda: None):
            during.append(signal.getsignal(signal.SIGTERM))

    during: list[object] = []
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert during == [before]


def test_a_forked_child_is_ended_and_its_parent_is_not() -> None:
    heard: list[int] = []
    with stopped_by_signals(lambda: heard.append(1)):
        child = os.fork()
        if child == 0:  # pragma: no cover  # another process
            signal.raise_signal(signal.SIGTERM)
            os._exit(0)
        _, status = os.waitpid(child, 0)
    assert (os.waitstatus_to_exitcode(status), heard) == (-signal.SIGTERM, [])
