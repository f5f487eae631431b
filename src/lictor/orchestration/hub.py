"""Wakes those who wait for committed rows; what they then read, they read from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Topic = Literal["event", "log"]


class Hub:
    """Subscribers of one server process, by topic."""

    def __init__(self) -> None:
        self._listeners: dict[Topic, set[asyncio.Event]] = {"event": set(), "log": set()}

    def announce(self, topic: Topic) -> None:
        """Wake every listener of a topic; call it after the commit."""
        for woken in self._listeners[topic]:
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
