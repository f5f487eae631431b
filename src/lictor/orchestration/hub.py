"""Wakes those who wait for committed rows, here and on other servers; what they then read, they read from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, get_args

Topic = Literal["event", "log", "slot", "deferred"]


class Hub:
    """Subscribers of one server process, by topic."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._listeners: dict[str, set[asyncio.Event]] = {each: set() for each in get_args(Topic)}

    def announce(self, topic: Topic) -> None:
        """Wake every listener of a topic, and tell other servers; call it after the commit."""
        self.wake(topic)
        self._tell(topic)

    def wake(self, topic: str) -> None:
        """Wake the listeners of this server; a topic that only a newer server knows has none."""
        for woken in self._listeners.get(topic, ()):
            woken.set()

    @contextmanager
    def listen(self, topic: Topic) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever rows of the topic were committed."""
        woken = asyncio.Event()
        self._listeners[topic].add(woken)
        try:
            yield woken
        finally:
            self._listeners[topic].discard(woken)
