"""Every operation of the contract is told in a story that both servers are asked, and its body in a wrong form."""

from __future__ import annotations

import re

import pytest

from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS
from tests.reference.asks import STORIES
from tests.reference.asks.wrong_bodies import GOOD
from tests.reference.asks.wrong_bodies import STORIES as WRONG

OF_CONTRACT = [operation for operation in OPERATIONS if not operation.additive]
STEPS = {(step.method, step.path) for name, story in STORIES.items() if "wrong_bodies" not in name for step in story}


def is_told(operation: Operation[object, object]) -> bool:
    """Tell whether some request of a story goes to an operation and to no other one that is more exact."""
    return any(operation is asked(method, path) for method, path in STEPS)


def asked(method: str, path: str) -> Operation[object, object] | None:
    """Return the operation that a request goes to: that with the fewest names in its path."""
    fitting = [row for row in OPERATIONS if row.method == method and pattern(row.path).fullmatch(path)]
    return min(fitting, key=lambda row: row.path.count("{"), default=None)


def pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/?]+", path) + r"(\?.*)?")


@pytest.mark.parametrize("operation", OF_CONTRACT, ids=repr)
def test_an_operation_of_the_contract_is_told_in_a_story(operation: Operation[object, object]) -> None:
    assert is_told(operation), f"tests/reference/asks has no story with {operation}"
    assert not operation.takes_body or repr(operation) in GOOD, f"wrong_bodies.GOOD has no row for {operation}"


def test_every_good_body_is_of_an_operation() -> None:
    assert list(GOOD.keys() - WRONG.keys()) == []
