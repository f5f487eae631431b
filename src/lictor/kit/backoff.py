"""How long to wait before trying again: longer each time, and not all callers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, log


def delays(base: float, ceiling: float, jitter: float, random: Callable[[], float]) -> Iterator[float]:
    """Yield the seconds before each further attempt, without end.

    The n-th delay, from 0, is `min(base * 2**n, ceiling) * (1 + jitter * random())`, where `random` returns a number
    from 0 to 1: jitter only lengthens a delay, so that a server that asked for rest gets it.
    """
    delay = min(base, ceiling)
    while True:
        yield delay * (1 + jitter * random())
        delay = min(delay * 2, ceiling)


def spread(delay: float, factor: float, chance: float) -> float:
    """Return a delay made shorter or longer by up to `factor` of itself, as `chance`, from 0 to 1, has it.

    The delays of many callers follow an exponential distribution with mean `delay`, cut off at
    `delay * (1 - factor)`, or 0, and at `delay * (1 + factor)`: they arrive as if independent of each other.
    """
    soonest, latest = exp(-max(0.0, 1 - factor)), exp(-(1 + factor))
    return delay * -log(soonest - chance * (soonest - latest))
