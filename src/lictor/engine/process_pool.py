"""Processes that run submitted tasks: each is led by a thread, which passes on what its process tells."""

from __future__ import annotations

import signal
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from lictor.client import in_process
from lictor.engine import states
from lictor.engine.drive import drive
from lictor.engine.effects import Engine, Outcome
from lictor.engine.endings import cut_off
from lictor.engine.errors import NotPortable
from lictor.engine.futures import Future
from lictor.engine.packing import dumped, packed, packed_surroundings, unpacked_end
from lictor.engine.process_worker import main
from lictor.engine.submission import Submission
from lictor.engine.task_run import filled
from lictor.engine.threads import Threads
from lictor.settings.load import packed_settings

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe
    from multiprocessing.process import BaseProcess

    from lictor.engine.task_runners import TaskRunner

END_SECONDS = 5.0
"""How long a process that is told to end may take."""

FORKING = threading.Lock()
ENDS: set[Pipe] = set()
"""This process's ends of all pipes; a forked process has them, too, and while it held them no process would notice that
this one is gone."""


class Worker:
    """A process, and the pipe to it."""

    def __init__(self, process: BaseProcess, pipe: Pipe) -> None:
        self.process, self.pipe = process, pipe
        self.sending = threading.Lock()
        self.proven = False

    def send(self, kind: str, content: Any) -> None:
        """Send a message; a process that is gone is noticed where its answer is waited for."""
        try:
            with self.sending:
                self.pipe.send((kind, content))
        except OSError:
            pass

    def next(self) -> tuple[Any, ...] | None:
        """Wait for a message; None if the process has ended."""
        from multiprocessing import connection  # noqa: PLC0415  # only this runner needs it

        try:
            if self.pipe in connection.wait([self.pipe, self.process.sentinel]) or self.pipe.poll():
                message: tuple[Any, ...] = self.pipe.recv()
                return message
        except (EOFError, OSError):
            pass
        return None

    def epitaph(self) -> str:
        """Say how the process ended."""
        self.process.join(END_SECONDS)
        code = self.process.exitcode
        if code is not None and code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = str(-code)
            return f"The process of the run (pid {self.process.pid}) was killed by {name}."
        told = f"The process of the run (pid {self.process.pid}) ended with exit code {code} before the run was over."
        if not self.proven and code:
            told += " A program must call its flows under `if __name__ == '__main__':` to start processes."
        return told

    def end(self) -> None:
        """See that the process ends: by itself, or else by force."""
        for force in (None, self.process.terminate, self.process.kill):
            if force is not None:
                force()
            self.process.join(END_SECONDS)
            if self.process.exitcode is not None:
                break
        with FORKING:
            ENDS.discard(self.pipe)
            self.pipe.close()


class Processes:
    """Up to `most` processes, which start when they are needed; `inner` runs what tasks submit in their processes."""

    def __init__(self, most: int, inner: TaskRunner) -> None:
        self.threads = Threads("lictor-process", most)
        self.inner = inner
        self.guard = threading.Lock()
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()
        self.closed = False
        self.first: bytes | None = None

    def submit(self, run: Submission) -> None:
        """Run a task as soon as what its arguments come from is there and a process is free."""
        after(
            [*run.live.inputs.futures, *run.live.inputs.failing], partial(self.threads.submit, partial(self.lead, run))
        )

    def lead(self, run: Submission) -> None:
        """Take a run to its end."""
        try:
            run.context.run(self.carry, run)
        except NotPortable as error:
            run.end(states.Failed(str(error), data=error))
        except BaseException as error:  # nobody else hears of it
            run.end(cut_off(run.flow, error))

    def carry(self, run: Submission) -> None:
        """Fill in the arguments, and let a process do the rest."""
        if run.future.done:  # the flow ended before its turn
            return
        if run.live.inputs.open:
            outcome = drive(prepared(run), lambda: run.connection.client)
            if outcome.state.is_pending() and outcome.state.name == "NotReady":
                run.finish(outcome.state)
                return
        content = packed(run)
        worker = self.take(run)
        if worker is None:
            return
        worker.send("run", content)
        if self.follow(worker, run):
            with self.guard:
                self.busy.discard(worker)
                self.idle.append(worker)
            return
        with self.guard:
            self.busy.discard(worker)
        if not run.future.done:
            run.crash(worker.epitaph())

    def follow(self, worker: Worker, run: Submission) -> bool:
        """Pass on what a process tells until the run is over; say whether the process is still there."""
        outbox = run.connection.outbox
        while (message := worker.next()) is not None:
            worker.proven = True
            kind, *given = message
            if kind == "log":
                outbox.log(*given)
            elif kind == "flush":
                worker.send("flushed", outbox.flush(*given))
            elif kind == "ask":
                ask(run.connection.address, worker, *given)
            elif kind == "done":
                finish(run, given[0])
                return True
            elif run.future.done:  # the flow was cut off; what its tasks still do is not told
                continue
            elif kind == "event":
                if outbox.full:
                    outbox.make_room()
                outbox.event(*given)
            elif kind == "state":
                run.live.follow(*given)
            elif kind == "last_state":
                outbox.last_state(*given)
            else:
                reason = f"Task run '{run.name}' could not be carried out in its process: {given[0]}"
                run.end(states.Failed(reason, data=NotPortable(reason)))
                return True
        return False

    def take(self, run: Submission) -> Worker | None:
        """Return a process that does nothing, a new one if need be; None if the flow is over."""
        with self.guard:
            if self.closed:
                return None
            if not self.idle:
                self.idle.append(self.new(run))
            worker = self.idle.pop()
            self.busy.add(worker)
            return worker

    def new(self, run: Submission) -> Worker:
        """Start a process."""
        import multiprocessing  # noqa: PLC0415  # only this runner needs it

        if self.first is None:
            connection = run.connection
            lives_here = in_process.asking(connection.address) is not None
            self.first = dumped(
                (packed_settings(connection.settings), packed_surroundings(run.flow), self.inner, lives_here)
            )
        context = multiprocessing.get_context()
        with FORKING:
            mine, its = multiprocessing.Pipe()
            ENDS.add(mine)
            ours = list(ENDS) if context.get_start_method() == "fork" else []
            process = context.Process(target=main, args=(its, ours), name="lictor-task")
            process.start()
            its.close()
        mine.send_bytes(self.first)
        return Worker(process, mine)

    def close(self) -> None:
        """End the processes: idle ones at their leisure, busy ones, whose flow was cut off, at once."""
        with self.guard:
            self.closed = True
            idle, busy = self.idle, list(self.busy)
            self.idle = []
        self.threads.close()
        for worker in idle:
            worker.send("end", None)
        for worker in busy:
            worker.process.terminate()
        for worker in (*idle, *busy):
            worker.end()


def ask(address: str | None, worker: Worker, number: int, request: Any) -> None:
    """Let a server in this process answer a request of a worker's."""
    served = in_process.asking(address)
    if served is not None:
        served(request).add_done_callback(lambda done: worker.send("answered", (number, done.result())))


def after(futures: list[Future[Any]], begin: Any) -> None:
    """Call a function when futures are over."""

    def one_less() -> None:
        with guard:
            remaining.pop()
            last = not remaining
        if last:
            begin()

    guard, remaining = threading.Lock(), list(futures)
    if not futures:
        begin()
    for future in futures:
        future.when_done(one_less)


def prepared(run: Submission) -> Engine:
    """Fill in the arguments of a run."""
    outcome = yield from filled(run.live)
    assert run.live.state is not None
    return outcome or Outcome(run.live.state)


def finish(run: Submission, content: bytes) -> None:
    """Give a run the end that its process told of."""
    if run.future.done:
        return
    state = unpacked_end(content)
    run.live.follow(state)
    if state.is_completed():
        run.flow.origins.note(state.value, run.live.run.id)
    run.finish(state)
