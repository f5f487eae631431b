"""What a process of a ProcessPoolTaskRunner does: it runs tasks one after the other, and tells its parent of them."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future as Answer
from contextvars import copy_context
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lictor.client import in_process
from lictor.client.connection import Connection, connection
from lictor.client.in_process import Answered, Asked
from lictor.client.outbox import Outbox
from lictor.engine import signals
from lictor.engine.endings import described
from lictor.engine.futures import Future
from lictor.engine.packing import loaded, packed_end, unpacked, unpacked_surroundings
from lictor.engine.states import State, bare
from lictor.engine.submission import run_here
from lictor.engine.task_run import LiveTaskRun
from lictor.settings import Settings
from lictor.settings.load import unpacked_settings

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe

    from lictor.engine.task_runners import TaskRunner

ORPHANED = 70
"""The exit code of a process whose parent is gone."""


class Forwarding(Outbox):
    """Gives events and log lines to the parent, in order; a process that is killed loses none that it gave."""

    def __init__(self, settings: Settings, address: str | None, pipe: Pipe) -> None:
        super().__init__(settings, address)
        self.pipe, self.sending = pipe, threading.Lock()
        self.flushed: SimpleQueue[bool] = SimpleQueue()
        self.flushing = threading.Lock()
        self.asked: dict[int, Answer[Answered]] = {}
        self.numbers = count()

    def tell(self, *message: Any) -> None:
        """Send a message to the parent."""
        with self.sending:
            self.pipe.send(message)

    def event(self, body: bytes) -> None:
        """Forward an event; one stands in the lane for all that were since the last flush."""
        if not self.events.waiting:
            self.events.waiting.append(b"")
        self.tell("event", body)

    def log(self, body: bytes) -> None:
        """Forward a log line."""
        self.tell("log", body)

    def last_state(self, run_id: UUID, left: UUID | None, proposal: bytes) -> None:
        """Forward the last state of a subflow."""
        self.tell("last_state", run_id, left, proposal)

    def flush(self, timeout: float, logs: bool = True) -> bool:
        """Wait until the parent's outbox was flushed."""
        with self.flushing:
            self.tell("flush", timeout, logs)
            in_time = self.flushed.get()
        if in_time:
            self.events.waiting.clear()
        return in_time

    def ask(self, request: Asked) -> Answer[Answered]:
        """Let a server that lives in the parent answer a request."""
        answer: Answer[Answered] = Answer()
        number = next(self.numbers)
        self.asked[number] = answer
        self.tell("ask", number, request)
        return answer

    def close(self) -> None:
        """Nothing waits here."""
        self.closed = True


class Shown(Future[Any]):
    """Stands for the future of a run, which is the parent's."""

    __slots__ = ("outbox",)

    def __init__(self, live: LiveTaskRun, outbox: Forwarding) -> None:
        assert live.state is not None
        super().__init__(live.run.id, live.run.name, live.state)
        self.outbox = outbox

    def show(self, state: State) -> None:
        """Tell the parent of a state; it hears of the last one with what comes of it."""
        if not state.is_final():
            self.outbox.tell("state", bare(state))


def main(pipe: Pipe, others: list[Pipe]) -> None:
    """Run what the parent sends until it says that it is enough; end at once when it is gone. Close others' pipes."""
    signals.forget()
    for each in others:
        each.close()
    waiting: SimpleQueue[bytes | None] = SimpleQueue()
    settings, surroundings, inner, lives_in_parent = loaded(pipe.recv_bytes())
    unpacked_settings(*settings)
    here = connection()
    outbox = here.outbox = Forwarding(here.settings, here.address, pipe)
    if lives_in_parent and here.address is not None:
        in_process.serve(here.address, outbox.ask)
    threading.Thread(target=read, args=(pipe, waiting, outbox), name="lictor-parent", daemon=True).start()
    while (content := waiting.get()) is not None:
        try:
            end = copy_context().run(carry_out, content, surroundings, here, outbox, inner)
        except BaseException as error:
            outbox.tell("unfit", described(error))
        else:
            outbox.tell("done", end)


def read(pipe: Pipe, waiting: SimpleQueue[bytes | None], outbox: Forwarding) -> None:
    """Take the parent's messages."""
    while True:
        try:
            kind, content = pipe.recv()
        except (EOFError, OSError):
            os._exit(ORPHANED)
        if kind == "flushed":
            outbox.flushed.put(content)
        elif kind == "answered":
            number, answer = content
            outbox.asked.pop(number).set_result(answer)
        else:
            waiting.put(content)


def carry_out(content: bytes, surroundings: bytes, here: Connection, outbox: Forwarding, inner: TaskRunner) -> bytes:
    """Run a task, and the ones that it submits, and return its end."""
    flow = unpacked_surroundings(surroundings, here, inner)
    live, returned = unpacked(content, flow)
    live.future = Shown(live, outbox)
    outcome = run_here(live, here)
    while flow.pending:
        for future in flow.unfinished():
            future.wait()
    flow.close()
    return packed_end(outcome, returned)
