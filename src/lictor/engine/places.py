"""Where code of the user's runs, and how it is stopped from another thread.

On an event loop its task is cancelled. In the main thread a signal interrupts whatever it does, waiting included; in
other threads Python code is ended between two of its steps, and what waits in a call of C ends when that call returns.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable
from contextlib import suppress
from types import FrameType
from typing import Any

from lictor.engine.errors import Stopped

SIGNAL: Any = getattr(signal, "SIGURG", None)
"""Ignored where nobody handles it, so that one that comes too late does no harm."""

_places: dict[Any, list[Place]] = {}
"""The places in each thread and each task of a loop, the innermost last."""
_guard = threading.Lock()


class Place:
    """The thread, or the task of an event loop, that this is made in; code there may be stopped while it is open."""

    __slots__ = ("cancelled", "interrupted", "key", "loop", "open", "raised", "task", "thread")

    def __init__(self, on_loop: bool) -> None:
        self.open = True
        self.interrupted = self.cancelled = self.raised = False
        self.thread = threading.get_ident()
        self.loop: Any = None
        self.task: Any = None
        if on_loop:
            import asyncio  # noqa: PLC0415  # threads do without

            self.loop, self.task = asyncio.get_running_loop(), asyncio.current_task()
        elif in_main(self.thread) and SIGNAL is not None and signal.getsignal(SIGNAL) is signal.SIG_DFL:
            signal.signal(SIGNAL, handle)
        self.key = self.task or self.thread
        _places.setdefault(self.key, []).append(self)

    def interrupt(self) -> None:
        """Stop what runs here."""
        self.interrupted = True
        if self.loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self.loop.call_soon_threadsafe(self.cancel)
        elif in_main(self.thread) and SIGNAL is not None and signal.getsignal(SIGNAL) is handle:
            signal.pthread_kill(self.thread, SIGNAL)
        else:
            self.raised = True
            raise_stopped(self.thread)

    def cancel(self) -> None:
        """Cancel the task, unless what ran here has ended meanwhile."""
        if self.open:
            self.cancelled = True
            self.task.cancel()

    def shut(self) -> None:
        """Let nobody stop what runs here from now on."""
        self.open = False
        with _guard:  # whoever was about to stop it is done, or finds it shut
            raised = self.raised
        if self.cancelled:
            self.task.uncancel()
        if raised:  # what may not have arrived must not arrive later: it is sent again, and met here (see timeouts.py)
            with suppress(Stopped):
                raise_stopped(self.thread)
                while True:
                    pass

    def leave(self) -> None:
        """Be no place any more."""
        self.open = False
        stack = _places.get(self.key, [])
        if self in stack:
            stack.remove(self)
        if not stack:
            _places.pop(self.key, None)


def stop(places: Iterable[Place | None]) -> None:
    """Stop what runs in places: in each thread or task the innermost alone, since its end goes on to the outer ones."""
    for key in {place.key for place in places if place is not None}:
        with _guard:
            stack = _places.get(key)
            if stack and stack[-1].open:
                stack[-1].interrupt()


def handle(number: int, frame: FrameType | None) -> None:
    """Stop what runs in the main thread, if that is wanted."""
    stack = _places.get(threading.get_ident())
    if stack and stack[-1].open and stack[-1].interrupted:
        raise Stopped


def in_main(thread: int) -> bool:
    """Whether a thread is the main one."""
    return thread == threading.main_thread().ident


def raise_stopped(thread: int) -> None:
    """Raise Stopped in a thread at its next step."""
    import ctypes  # noqa: PLC0415  # few need it

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Stopped))


def forget() -> None:
    """Begin anew in a child process, which has none of the threads."""
    global _guard  # noqa: PLW0603  # the parent may have held it while it forked
    _guard = threading.Lock()
    mine = _places.get(threading.get_ident())
    _places.clear()
    if mine:
        _places[threading.get_ident()] = mine


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
