"""Results of tasks that run elsewhere, and ways to wait for them."""

from lictor.engine.futures import DoneAndNotDone as DoneAndNotDoneFutures
from lictor.engine.futures import (
    Future,
    FutureList,
    as_completed,
    resolve_futures_to_results,
    resolve_futures_to_states,
    wait,
)
from lictor.engine.futures import Future as PrefectConcurrentFuture
from lictor.engine.futures import Future as PrefectFuture
from lictor.engine.futures import FutureList as PrefectFutureList
from lictor.sdk.deferral import DeferredFuture as PrefectDistributedFuture

__all__ = [
    "DoneAndNotDoneFutures",
    "Future",
    "FutureList",
    "PrefectConcurrentFuture",
    "PrefectDistributedFuture",
    "PrefectFuture",
    "PrefectFutureList",
    "as_completed",
    "resolve_futures_to_results",
    "resolve_futures_to_states",
    "wait",
]
