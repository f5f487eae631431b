"""Decides whether a run may change state: facts in, verdict out; no I/O and no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Literal

import msgspec
from msgspec import Struct

from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import State, StateType
from lictor.wire.types.task_run import TaskRun

Status = Literal["ACCEPT", "REJECT", "WAIT", "ABORT"]
Edge = StateType | None

ANY: frozenset[Edge] = frozenset({None, *StateType})


class Transition(Struct, frozen=True, gc=False):
    """Everything that a rule may look at, read under one lock, the clock's time included.

    `run` is the run as it is before the change; `flow_run_state` is the state of a task run's flow run.
    """

    current: State | None
    proposed: State
    run: FlowRun | TaskRun
    now: datetime
    flow_run_state: State | None = None
    in_flow_run: bool = False


class Verdict(Struct, frozen=True, gc=False):
    """What the rules say: the state to take (ACCEPT, REJECT), or to wait or stop without a change."""

    status: Status
    state: State | None = None
    reason: str | None = None
    delay_seconds: float = 0.0


Check = Callable[[Transition], Verdict | None]


class Rule(Struct, frozen=True):
    """A check and the edges of the state graph that it guards."""

    check: Check
    leaving: frozenset[Edge]
    entering: frozenset[Edge]


Rules = tuple[Rule, ...]


def rule(leaving: Iterable[Edge] = ANY, entering: Iterable[Edge] = ANY) -> Callable[[Check], Rule]:
    """Name the edges that a check guards."""
    return lambda check: Rule(check, frozenset(leaving), frozenset(entering))


@cache
def guarding(rules: Rules, leaving: Edge, entering: Edge) -> tuple[Check, ...]:
    """Return the checks of an edge, in order."""
    return tuple(row.check for row in rules if leaving in row.leaving and entering in row.entering)


def decide(rules: Rules, transition: Transition) -> Verdict:
    """Fold the rules in order: the first to refuse ends it; one that accepts may change the proposed state."""
    current, proposed = transition.current, transition.proposed
    for check in guarding(rules, current.type if current else None, proposed.type):
        verdict = check(transition)
        if verdict is None:
            continue
        if verdict.status != "ACCEPT":
            return verdict
        assert verdict.state is not None
        transition = msgspec.structs.replace(transition, proposed=verdict.state)
    return Verdict("ACCEPT", transition.proposed)
