"""Calls that are carried again and again, by a client that fails as it is told."""

from __future__ import annotations

import logging
import threading
from typing import Any
from uuid import uuid4

import pytest

from lictor.client.errors import ClientError, HTTPStatusError
from lictor.engine import repeating
from lictor.engine.effects import Repeat
from lictor.engine.repeating import Repeater
from lictor.kit import clock
from lictor.wire.operations import concurrency_limit
from lictor.wire.types.concurrency_limit import RenewLease

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is carried here goes on; no clock that later tests turn is to carry it."""
    monkeypatch.setattr(clock, "_regular", [])


class Carrier:
    """Counts calls; tells when there were enough."""

    def __init__(self, enough: int, *errors: Exception) -> None:
        self.carried, self.enough, self.errors = 0, enough, list(errors)
        self.done = threading.Event()

    def __call__(self, call: Any, retries: int) -> None:
        assert call.operation is concurrency_limit.RENEW_LEASE
        self.carried += 1
        if self.carried == self.enough:
            self.done.set()
        if self.errors:
            raise self.errors.pop(0)


def renewal(seconds: float) -> Repeat:
    return Repeat(concurrency_limit.RENEW_LEASE(RenewLease(), lease_id=uuid4()), seconds)


def refused(status: int) -> HTTPStatusError:
    return HTTPStatusError("POST", "/here", status, "no")


@pytest.mark.parametrize("errors", [(), (ClientError("away"), refused(503), ValueError("a mistake of ours"))])
def test_a_call_is_carried_until_it_is_stopped(errors: tuple[Exception, ...]) -> None:
    repeater, one, other = Repeater(), Carrier(5, *errors), Carrier(1000)
    stop_other = repeater.start(renewal(0.01), other)  # type: ignore[arg-type]
    stop_other()
    stop = repeater.start(renewal(0.01), one)  # type: ignore[arg-type]
    assert one.done.wait(PATIENCE)
    stop()
    last = Carrier(3)
    repeater.start(renewal(0.01), last)  # type: ignore[arg-type]
    count = one.carried
    assert last.done.wait(PATIENCE)
    assert one.carried <= count + 1
    assert other.carried <= 1


def test_what_the_server_says_is_over_is_not_carried_again(caplog: pytest.LogCaptureFixture) -> None:
    repeater, one, other = Repeater(), Carrier(1, refused(410)), Carrier(5)
    with caplog.at_level(logging.WARNING, repeating.logger.name):
        repeater.start(renewal(0.001), one)  # type: ignore[arg-type]
        assert one.done.wait(PATIENCE)
        repeater.start(renewal(0.01), other)  # type: ignore[arg-type]
        assert other.done.wait(PATIENCE)
    assert one.carried == 1
    assert "is over" in caplog.text
