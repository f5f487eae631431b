"""Supervises the processes of flow runs: begins what falls due, ends what is cancelled, and tells how runs ended."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any
from uuid import UUID

from lictor.client.connection import connection
from lictor.client.errors import ClientError, ObjectNotFound
from lictor.engine import states
from lictor.engine.states import State
from lictor.sdk.api.body import proposed
from lictor.sdk.exit_codes import described
from lictor.sdk.logging import set_up
from lictor.sdk.run_process import RunProcess
from lictor.sdk.stopping import stopped_by_signals
from lictor.settings import current
from lictor.wire.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from lictor.wire.operation import Call
from lictor.wire.operations import flow_run
from lictor.wire.operations.flow_run import ReadFlowRuns
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import SetState, StateType

logger = logging.getLogger("lictor.runner")

WAIT_SECONDS = 30
GRACE_SECONDS = 30.0
"""A process that is told to end is killed after so long."""
LOOK_SECONDS = 5.0
CANCEL_LOOKS = 3
"""A run that is found cancelled so often has not ended by itself: its process is told to end."""
CANCELLED = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING, StateType.CANCELLED]))
UNFINISHED = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})


class Going:
    """A run whose process goes on here."""

    def __init__(self, run: FlowRun, process: RunProcess, over: Callable[[Going, int], None]) -> None:
        self.run, self.process = run, process
        self.looks = 0
        self.handed_back = False
        self.thread = threading.Thread(target=lambda: over(self, process.wait()), name=f"lictor-run-{run.name}")


class Supervisor(ABC):
    """Runs what falls due, each run in a process; `start` returns when `stop` is called and what runs is over.

    What falls due is what `due` returns. It is asked again when a process has ended, and after `query_seconds`, though
    Lictor's server holds the question until something is due. At most `limit` runs go on at once; None is any number.
    """

    def __init__(self, query_seconds: float, limit: int | None) -> None:
        self.settings = current()
        self.query_seconds, self.limit = query_seconds, limit
        self.going: dict[UUID, Going] = {}
        self.ended, self.stir, self.finished = threading.Event(), threading.Event(), threading.Event()
        self.beginning = threading.Lock()

    @abstractmethod
    def question(self, most: int | None) -> Call[list[Any]]:
        """Return what asks for runs to begin, so many at the most."""

    def due(self, most: int | None, patient: bool) -> list[FlowRun]:
        """Return runs to begin, so many at the most; a server that can holds a patient question until some are due."""
        asked = self.question(most)
        if patient:
            asked.headers = {"Prefer": f"wait={WAIT_SECONDS}"}
        return [getattr(each, "flow_run", each) for each in connection().client(asked)]

    @abstractmethod
    def process_of(self, run: FlowRun) -> RunProcess:
        """Start a run's process."""

    @abstractmethod
    def shut_down(self) -> None:
        """See to what there is to do when no more runs are taken."""

    def start(self, run_once: bool = False) -> None:
        """Run what falls due; with `run_once` only what is due now, to its end."""
        set_up()
        look = threading.Thread(target=self.look, name="lictor-runner-look", daemon=True)
        with stopped_by_signals(self.stop):
            look.start()
            if run_once:
                self.begin_due(patient=False)
            else:
                ask = threading.Thread(target=self.ask, name="lictor-runner-ask", daemon=True)
                ask.start()
                self.ended.wait()
                with self.beginning:  # a run that is being begun is waited for, too
                    self.shut_down()
            self.finish()
        self.finished.set()
        look.join()

    def stop(self) -> None:
        """Take no more runs, and let those that go on come to their end; the second time, hand them back."""
        if self.ended.is_set():
            logger.info("The runs that go on are handed back")
            threading.Thread(target=self.hand_back, name="lictor-runner-hand-back").start()
        self.ended.set()
        self.stir.set()

    def finish(self) -> None:
        """Wait for what goes on here."""
        going = list(self.going.values())
        if going:
            names = ", ".join(each.run.name for each in going)
            logger.info("Waiting for %d runs to end: %s. Interrupt again to hand them back", len(going), names)
        for each in going:
            while each.thread.is_alive():
                each.thread.join(0.25)  # signals are heard in between

    def ask(self) -> None:
        """Begin runs as they fall due, until told to stop."""
        while not self.ended.is_set():
            self.stir.clear()
            asked = time.monotonic()
            try:
                begun = self.begin_due()
            except ClientError as error:
                begun = 0
                logger.warning("No runs can be asked for: %s. The next try is in a moment", error)
            except Exception:  # whatever it is, the thread must survive it
                begun = 0
                logger.exception("Runs could not be begun. The next try is in a moment")
            if not begun:
                self.stir.wait(max(0.0, self.query_seconds - (time.monotonic() - asked)))

    def begin_due(self, patient: bool = True) -> int:
        """Begin what is due, as far as there is room; return how many runs that were."""
        room = None if self.limit is None else self.limit - len(self.going)
        if room is not None and room < 1:
            return 0
        return sum(self.begin(run) for run in self.due(room, patient))

    def claimed(self, run: FlowRun) -> bool:
        """Claim a run for this runner; say whether it is ours."""
        state = SetState(state=proposed(states.Pending()))
        answer = connection().client(flow_run.SET_STATE(state, id=run.id))
        return answer.status == "ACCEPT" and answer.state is not None and answer.state.type == StateType.PENDING

    def begin(self, run: FlowRun) -> bool:
        """Claim a run and start its process; say whether it was ours to begin."""
        with self.beginning:
            if run.id in self.going or self.ended.is_set() or not self.claimed(run):
                return False
            try:
                process = self.process_of(run)
            except (ClientError, OSError, ValueError) as error:
                logger.error("Flow run '%s' cannot be started: %s", run.name, error)
                self.conclude(run, states.Crashed(f"The run's process could not be started: {error}"))
                return True
            logger.info("Flow run '%s' begins in process %d", run.name, process.pid)
            going = self.going[run.id] = Going(run, process, self.over)
            going.thread.start()
            return True

    def over(self, going: Going, code: int) -> None:
        """See to a run whose process has ended, and make room for the next."""
        try:
            self.see_to(going, code)
        except ClientError as error:
            logger.error("How flow run '%s' ended could not be told: %s", going.run.name, error)
        finally:
            self.going.pop(going.run.id, None)
            self.stir.set()

    def see_to(self, going: Going, code: int) -> None:
        """Bring a run to an end that its process did not."""
        run = going.run
        try:
            found = connection().client(flow_run.READ(id=run.id))
        except ObjectNotFound:
            return
        logger.info("Flow run '%s' ended: %s (%s)", run.name, found.state_name, described(code))
        if going.handed_back and found.state_type in UNFINISHED | {StateType.CRASHED}:
            state: State = states.Scheduled(name="AwaitingRetry")
            state.message = "Handed back by a runner that ended."
            self.conclude(run, state, force=True)
        elif found.state_type == StateType.CANCELLING:
            self.conclude(run, states.Cancelled(f"Its process was ended: {described(code)}."))
        elif found.state_type in UNFINISHED:
            self.conclude(run, states.Crashed(f"The run's process ended before the run: {described(code)}."))

    def conclude(self, run: FlowRun, state: State, force: bool = False) -> None:
        """Set the state of a run."""
        body = SetState(state=proposed(state), force=force)
        connection().client(flow_run.SET_STATE(body, id=run.id))

    def look(self) -> None:
        """End the processes of runs that are being cancelled and do not end by themselves."""
        while not self.finished.wait(LOOK_SECONDS):
            going = dict(self.going)
            if not going:
                continue
            wanted = ReadFlowRuns(flow_runs=FlowRunFilter(id=FlowRunFilterId(any_=list(going)), state=CANCELLED))
            try:
                cancelled = connection().client(flow_run.FILTER(wanted))
            except ClientError:
                continue
            for run in cancelled:
                going[run.id].looks += 1
                if going[run.id].looks == CANCEL_LOOKS:
                    self.end(going[run.id])

    def end(self, going: Going) -> None:
        """End a run's process, aside."""
        threading.Thread(target=going.process.stop, args=(GRACE_SECONDS,), name="lictor-run-end").start()

    def hand_back(self) -> None:
        """End what goes on, and let it be scheduled again."""
        for each in list(self.going.values()):
            each.handed_back = True
            self.end(each)
