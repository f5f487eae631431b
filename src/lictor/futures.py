"""Results of tasks that run elsewhere, and ways to wait for them."""

from lictor.engine.futures import (
    Future,
    FutureList,
    as_completed,
    resolve_futures_to_results,
    resolve_futures_to_states,
    wait,
)
from lictor.engine.futures import Future as PrefectFuture
from lictor.engine.futures import FutureList as PrefectFutureList

__all__ = [
    "Future",
    "FutureList",
    "PrefectFuture",
    "PrefectFutureList",
    "as_completed",
    "resolve_futures_to_results",
    "resolve_futures_to_states",
    "wait",
]
