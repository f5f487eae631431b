"""Limits on how much happens at once, or how often: `lictor.concurrency.sync` and `lictor.concurrency.asyncio`."""

__all__: list[str] = []
