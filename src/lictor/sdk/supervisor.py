"""Supervises the jobs of flow runs: begins what falls due, ends what is cancelled, and tells how runs ended."""

from __future__ import annotations

import logging
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

from lictor.client.connection import connection
from lictor.client.errors import ClientError, ObjectNotFound, is_away
from lictor.engine import states
from lictor.engine.states import State
from lictor.kit import backoff
from lictor.kit.names import one_line
from lictor.rules.claims import HELD, RENEWED
from lictor.sdk.api.body import proposed
from lictor.sdk.exit_codes import described
from lictor.sdk.logging import set_up
from lictor.sdk.stopping import stopped_by_signals
from lictor.settings import current
from lictor.wire.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from lictor.wire.operation import Call
from lictor.wire.operations import flow_run, flow_run_state
from lictor.wire.operations.flow_run import ReadFlowRuns
from lictor.wire.operations.flow_run_state import FlowRunStatesOf
from lictor.wire.types.flow_run import FlowRun, FlowRunUpdate
from lictor.wire.types.state import SetState, StateType

R = TypeVar("R")

logger = logging.getLogger("lictor.runner")

WAIT_SECONDS = 30
MISSED_POLLS = 2
GRACE_SECONDS = 30.0
"""A job that is told to end is killed after so long."""
LAST_SECONDS, HASTY_SECONDS = 10.0, 3.0
"""How long a program that is to end, and one that hands its runs back, waits for a server that is away."""
LOOK_SECONDS = 5.0
CANCEL_LOOKS = 3
"""A run that is found cancelled so often has not ended by itself: its job is told to end."""
LONGEST_PAUSE = 30.0
"""How long to wait, at the most, between two tries to reach a server that is away."""
JITTER = 0.5
WAITING = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING]))
CANCELLED = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING, StateType.CANCELLED]))
UNFINISHED = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})


class Job(Protocol):
    """What was started to run a flow run, wherever it is."""

    @property
    def identifier(self) -> str:
        """Where it is, in a text by which it can be found."""

    def wait(self) -> int:
        """Wait until it has ended; then end what it left running, and return its exit code."""

    def stop(self, grace_seconds: float) -> bool:
        """Tell it to end, and kill it if it has not within the grace; say whether it did."""


class Going:
    """A run whose job goes on, and the id of the state by which it was claimed."""

    def __init__(self, run: FlowRun, claim: UUID, job: Job, over: Callable[[Going, int], None]) -> None:
        self.run, self.claim, self.job = run, claim, job
        self.looks = 0
        self.renewed = time.monotonic()
        self.handed_back = self.told_to_end = False
        self.thread = threading.Thread(target=lambda: over(self, job.wait()), name=f"lictor-run-{run.name}")


class Supervisor(ABC):
    """Runs what falls due, each run by a job; `start` returns when `stop` is called and what runs is over.

    What falls due is what `due` returns. It is asked again when a job has ended, and after `query_seconds`, though
    Lictor's server holds the question until something is due. At most `limit` runs go on at once; None is any number.

    A run is claimed before its job is started, and its job can only begin it while the claim lasts: if this program, or
    its machine, dies in between, another one takes the run, and only that one runs it.
    """

    name: str
    """What it calls itself."""

    def __init__(self, query_seconds: float, limit: int | None) -> None:
        self.settings = current()
        self.query_seconds, self.limit = query_seconds, limit
        self.going: dict[UUID, Going] = {}
        self.ended, self.stir, self.finished = threading.Event(), threading.Event(), threading.Event()
        self.beginning, self.handing_back = threading.Lock(), threading.Event()
        self.answered = time.monotonic()
        """When the server last answered whether something is due."""
        self.patience = MISSED_POLLS * query_seconds + WAIT_SECONDS

    @abstractmethod
    def question(self, most: int | None) -> Call[list[Any]]:
        """Return what asks for runs to begin, so many at the most."""

    def due(self, most: int | None, patient: bool) -> list[FlowRun]:
        """Return runs to begin, so many at the most; a server that can holds a patient question until some are due."""
        asked = self.question(most)
        if patient:
            asked.headers = {"Prefer": f"wait={WAIT_SECONDS}"}
        found = [getattr(each, "flow_run", each) for each in connection().client(asked)]
        self.answered = time.monotonic()
        for run in found:
            run.name = one_line(run.name)  # it stands in log lines
        return found

    @abstractmethod
    def job_of(self, run: FlowRun, claim: UUID) -> Job:
        """Start a run's job, which gets the claim along."""

    def kind(self) -> str:
        """Return what it is, as messages name it."""
        return type(self).__name__.lower()

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
                while not self.beginning.acquire(timeout=0.25):  # a run that is being begun is waited for
                    connection().presence.give_up()  # a server that is away is not
                self.beginning.release()
                connection().presence.give_up()
                self.shut_down()
            self.finish()
        self.finished.set()
        look.join()

    def healthy(self) -> bool:
        """Tell whether it gets to know what falls due."""
        return time.monotonic() - self.answered <= self.patience

    def stop(self) -> None:
        """Take no more runs, and let those that go on come to their end; the second time, hand them back."""
        if self.ended.is_set():
            logger.info("The runs that go on are handed back")
            self.handing_back.set()
            threading.Thread(target=self.hand_back, name="lictor-runner-hand-back").start()
        self.ended.set()
        self.stir.set()

    def finish(self) -> None:
        """Wait for what goes on here."""
        going = list(self.going.values())
        if going:
            names = ", ".join(each.run.name for each in going)
            runs, them = ("run", "it") if len(going) == 1 else ("runs", "them")
            logger.info("Waiting for %d %s to end: %s. Interrupt again to hand %s back", len(going), runs, names, them)
        for each in going:
            while each.thread.is_alive():
                each.thread.join(0.25)  # signals are heard in between
                if self.handing_back.is_set():
                    connection().presence.give_up()

    def ask(self) -> None:
        """Begin runs as they fall due, until told to stop."""
        pauses = delays(self.query_seconds, LONGEST_PAUSE)
        while not self.ended.is_set():
            self.stir.clear()
            asked = time.monotonic()
            try:
                begun, pause = self.begin_due(), self.query_seconds
                pauses = delays(self.query_seconds, LONGEST_PAUSE)
            except ClientError as error:
                begun, pause = 0, next(pauses)
                logger.warning("No runs can be asked for: %s. The next try is in %.0f seconds", error, pause)
            except Exception:  # whatever it is, the thread must survive it
                begun, pause = 0, next(pauses)
                logger.exception("Runs could not be begun. The next try is in %.0f seconds", pause)
            if not begun:
                self.stir.wait(max(0.0, pause - (time.monotonic() - asked)))

    def begin_due(self, patient: bool = True) -> int:
        """Begin what is due, as far as there is room; return how many runs that were."""
        room = None if self.limit is None else self.limit - len(self.going)
        if room is not None and room < 1:
            self.answered = time.monotonic()  # nothing is asked
            return 0
        return sum(self.begin(run) for run in self.due(room, patient)[:room])  # whatever the server answers

    def claimed(self, run: FlowRun) -> UUID | None:
        """Claim a run; return the id of the state that says so, None if it is not ours."""
        wanted = states.Pending(message=f"{HELD}{self.kind()} '{self.name}'.")
        wanted.state_details.transition_id = uuid4()
        answer = connection().client(flow_run.SET_STATE(SetState(state=proposed(wanted)), id=run.id))
        taken = answer.state
        if taken is None or taken.type != StateType.PENDING:
            return None
        repeated = taken.state_details.transition_id == wanted.state_details.transition_id  # it was answered in vain
        return taken.id if answer.status == "ACCEPT" or repeated else None

    def begin(self, run: FlowRun) -> bool:
        """Claim a run and start its process; say whether it was ours to begin."""
        with self.beginning:
            if run.id in self.going or self.ended.is_set():
                return False
            claim = self.claimed(run)
            if claim is None:
                return False
            try:
                job = self.job_of(run, claim)
            except (ClientError, OSError, ValueError) as error:
                if is_away(error):
                    raise  # the claim runs out, and somebody takes the run anew
                logger.error("Flow run '%s' cannot be started: %s", run.name, error)
                self.conclude(run, states.Crashed(f"The run could not be started: {error}"), source=claim)
                return True
            logger.info("Flow run '%s' begins at %s", run.name, job.identifier)
            going = self.going[run.id] = Going(run, claim, job, self.over)
            going.thread.start()
            return True

    def over(self, going: Going, code: int) -> None:
        """See to a run whose job has ended, and make room for the next."""
        try:
            self.see_to(going, code)
        except ClientError as error:
            logger.error("How flow run '%s' ended could not be told: %s", going.run.name, error)
        finally:
            self.going.pop(going.run.id, None)
            self.stir.set()

    def see_to(self, going: Going, code: int) -> None:
        """Bring a run to an end that its job did not."""
        run = going.run
        try:
            found = self.patiently(flow_run.READ(id=run.id))
        except ObjectNotFound:
            return
        how = described(code, GRACE_SECONDS if going.told_to_end else None)
        logger.info("Flow run '%s' ended: %s (%s)", run.name, found.state_name, how)
        crash = going.handed_back and found.state_type == StateType.CRASHED
        if not crash and (found.state_type not in UNFINISHED or not self.is_ours(going)):
            return
        if going.handed_back and found.state_type != StateType.CANCELLING:
            state: State = states.Scheduled(name="AwaitingRetry")
            state.message = f"Handed back by {self.kind()} '{self.name}', which ended."
            self.conclude(run, state, found.state_id, force=True)
            return
        if found.state_type == StateType.CANCELLING:
            state = states.Cancelled(f"Its process was ended: {how}.")
        else:
            state = states.Crashed(f"The run's process ended before the run: {how}.")
        if self.conclude(run, state, found.state_id):
            try:
                self.call_hooks(run)
            except (ClientError, OSError, ValueError) as error:
                logger.error("Hooks of flow run '%s' could not be called: %s", run.name, error)

    def is_ours(self, going: Going) -> bool:
        """Tell whether a run that is not over is still the one that was claimed here."""
        history = self.patiently(flow_run_state.LIST(query=FlowRunStatesOf(flow_run_id=going.run.id)))
        claims = [state for state in history if state.type == StateType.PENDING]
        return not claims or max(claims, key=lambda state: state.timestamp).id == going.claim

    def conclude(self, run: FlowRun, state: State, source: UUID | None = None, force: bool = False) -> bool:
        """Set the state of a run, unless it has left its `source` by now; say whether it took it."""
        call = flow_run.SET_STATE(SetState(state=proposed(state), force=force), id=run.id)
        call.headers = {flow_run.SOURCE: str(source)} if source else None
        return self.patiently(call).status == "ACCEPT"

    def patiently(self, call: Call[R]) -> R:
        """Return a call's answer; a server that is away is waited for, not for long if this program is to end."""
        while True:
            patience = self.patience_left()
            try:
                return connection().client(call, patience=patience)
            except ClientError as error:
                if not is_away(error) or patience == self.patience_left() is not None:
                    raise

    def patience_left(self) -> float | None:
        """Return for how many seconds a server that is away is waited for; None is as long as runs wait."""
        if self.handing_back.is_set():
            return HASTY_SECONDS
        return LAST_SECONDS if self.ended.is_set() else None

    def call_hooks(self, run: FlowRun) -> None:  # noqa: B027  # not all can
        """Call the hooks of the state in which a run ended, where a process here can load its flow."""

    def look(self) -> None:
        """End the jobs of runs that are being cancelled and do not end by themselves, and renew claims."""
        while not self.finished.wait(LOOK_SECONDS):
            going = dict(self.going)
            if not going:
                continue
            try:
                for run in self.those(list(going), CANCELLED):
                    going[run.id].looks += 1
                    if going[run.id].looks == CANCEL_LOOKS:
                        self.end(going[run.id])
                old = [key for key, each in going.items() if time.monotonic() - each.renewed > RENEWED - LOOK_SECONDS]
                for run in self.those(old, WAITING):
                    self.tell_place(run, going[run.id].job)
                for key in old:
                    going[key].renewed = time.monotonic()
            except ClientError as error:
                logger.debug("Nobody knows which runs are cancelled: %s", error)
            except Exception:  # whatever it is, the thread must survive it
                logger.exception("Whether runs are cancelled could not be seen to")

    def those(self, ids: list[UUID], state: FlowRunFilterState) -> list[FlowRun]:
        """Return which of some runs are in a state."""
        if not ids:
            return []
        wanted = ReadFlowRuns(flow_runs=FlowRunFilter(id=FlowRunFilterId(any_=ids), state=state))
        return connection().client(flow_run.FILTER(wanted), retries=0)

    def tell_place(self, run: FlowRun, job: Job) -> None:
        """Tell the server where a run's job is, which renews its claim, too."""
        try:
            told = flow_run.UPDATE(FlowRunUpdate(infrastructure_pid=job.identifier), id=run.id)
            connection().client(told, patience=HASTY_SECONDS)
        except ClientError as error:
            logger.warning("The server does not know where flow run '%s' runs: %s", run.name, error)

    def end(self, going: Going) -> None:
        """End a run's job, aside."""
        going.told_to_end = True
        threading.Thread(target=going.job.stop, args=(GRACE_SECONDS,), name="lictor-run-end").start()

    def hand_back(self) -> None:
        """End what goes on, and let it be scheduled again."""
        for each in list(self.going.values()):
            each.handed_back = True
            self.end(each)


def delays(base: float, ceiling: float) -> Iterator[float]:
    """Yield the pauses between tries, which grow, and are not the same for all programs."""
    return backoff.delays(base, ceiling, JITTER, random.random)
