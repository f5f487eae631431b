"""How long to wait before trying again: longer each time, and not all callers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def delays(base: float, ceiling: float, jitter: float, random: Callable[[], float]) -> Iterator[float]:
    """Yield the seconds before each further attempt, without end.

    The n-th delay, from 0, is `min(base * 2**n, ceiling) * (1 + jitter * random())`, where `random` returns a number
    from 0 to 1: jitter only lengthens a delay, so that a server that asked for rest gets it.
    """
    delay = min(base, ceiling)
    while True:
        yield delay * (1 + jitter * random())
        delay = min(delay * 2, ceiling)
