"""Tells the other servers on a PostgreSQL database that rows were committed, and hears it from them.

It has a connection of its own, and speaks after the commit: NOTIFY within a transaction makes commits wait for each
other. What is lost with a connection costs a few seconds and no row: everything is woken every POLL_SECONDS anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg

from lictor.store.address import Postgres
from lictor.store.postgres_errors import DRIVER

logger = logging.getLogger("lictor.store")

CHANNEL = "lictor"
TOPICS = ("event", "log", "slot")
POLL_SECONDS = 2.0
PAUSE_SECONDS = 0.005
"""Between two notifications: what is announced meanwhile goes with the second."""
LONGEST_WAIT = 2.0


class Relay:
    """One server's ear and mouth on the database."""

    def __init__(self, address: Postgres) -> None:
        self.address = address
        self._wake: Callable[[str], None] = lambda topic: None
        self._topics: set[str] = set()
        self._wanted = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run())

    def listen(self, wake: Callable[[str], None]) -> None:
        """Call `wake` with each topic that another server announces."""
        self._wake = wake

    def announce(self, topic: str) -> None:
        """Tell the other servers of a topic, soon."""
        self._topics.add(topic)
        self._wanted.set()

    async def _run(self) -> None:
        wait = 0.05
        while not self._closing:
            try:
                db = await asyncpg.connect(**{**self.address.options(), "statement_cache_size": 0})
            except DRIVER as error:
                logger.warning("%s: events of other servers come late: %s", self.address.name, error)
            else:
                wait = 0.05
                try:
                    await self._talk(db)
                except DRIVER as error:
                    logger.warning("%s: connected again for the events of other servers: %s", self.address.name, error)
                finally:
                    with suppress(*DRIVER):
                        await db.close(timeout=1)
            if not self._closing:
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)

    async def _talk(self, db: Any) -> None:
        """Hear and tell on one connection, until it breaks or the store closes."""
        await db.add_listener(CHANNEL, self._heard)
        db.add_termination_listener(lambda _: self._wanted.set())
        while not self._closing or self._topics:
            self._wake_all()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), POLL_SECONDS)
            while self._wanted.is_set():
                self._wanted.clear()
                topics, self._topics = self._topics, set()
                try:
                    await db.execute("select pg_notify($1, $2)", CHANNEL, " ".join(topics), timeout=LONGEST_WAIT)
                except BaseException:
                    self._topics |= topics
                    raise
                await asyncio.sleep(PAUSE_SECONDS)

    def _heard(self, db: Any, pid: int, channel: str, payload: str) -> None:
        if pid != db.get_server_pid():
            for topic in payload.split():
                self._wake(topic)

    def _wake_all(self) -> None:
        for topic in TOPICS:
            self._wake(topic)

    async def close(self) -> None:
        """Tell what is still to be told, and stop."""
        self._closing = True
        self._wanted.set()
        try:
            await asyncio.wait_for(self._task, LONGEST_WAIT)
        except (TimeoutError, *DRIVER):
            self._task.cancel()
