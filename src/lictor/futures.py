"""Results of tasks that run elsewhere, and ways to wait for them."""

from lictor.engine.futures import Future, FutureList, as_completed, resolve_futures_to_states, wait

__all__ = ["Future", "FutureList", "as_completed", "resolve_futures_to_states", "wait"]
