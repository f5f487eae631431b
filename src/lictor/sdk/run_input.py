"""Typed inputs of flow runs: what a paused run is resumed with, and what is sent to a run while it goes on."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, overload
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, PrivateAttr, create_model

from lictor.engine.context import FLOW
from lictor.engine.effects import Look
from lictor.engine.errors import MissingContext
from lictor.engine.pausing import FIRST_LOOK, Answered, Keys, Wanted, answer, ask, keys_of
from lictor.engine.states import State
from lictor.kit import clock
from lictor.sdk.api.flow_run_input import create_flow_run_input, filter_flow_run_input
from lictor.sdk.objects import FlowRunInput
from lictor.sdk.steps import Steps, awaited, done, played

R = TypeVar("R", bound="RunInput")
T = TypeVar("T")

Keyset = Keys
"""The keys under which the description, the response and the schema of what a pause asks for lie."""

SENDER = "prefect.flow-run."
PREFIX = re.compile(r"[a-z0-9-]*")


class NoInput(TimeoutError):
    """No input came in time."""


class RunInputMetadata(BaseModel):
    """Where an input lies, who sent it (`prefect.flow-run.<id>` is a flow run), and the run that it was sent to."""

    key: str
    sender: str | None = None
    receiver: UUID


class RunInput(BaseModel):
    """Input of a flow run: declare its fields as those of a pydantic model."""

    model_config = ConfigDict(extra="forbid")

    _description: ClassVar[str | None] = None
    _metadata: RunInputMetadata = PrivateAttr()

    @property
    def metadata(self) -> RunInputMetadata:
        """Where the input came from; AttributeError if it did not come from a server."""
        return self._metadata

    @classmethod
    def with_initial_data(cls, description: str | None = None, **values: Any) -> type[Self]:
        """Return the same input with other defaults, and a text in Markdown that says what is asked.

        Args:
            description: The text; by default none.
            values: Defaults, by the names of fields.

        Raises:
            TypeError: There is no field of such a name.
        """
        fields: dict[str, Any] = {
            name: (cls.model_fields[name].annotation, value)
            for name, value in values.items()
            if name in cls.model_fields
        }
        unknown = [name for name in values if name not in cls.model_fields]
        if unknown:
            raise TypeError(f"{cls.__name__} has no field {unknown[0]!r}; it has {', '.join(cls.model_fields)}")
        made: type[Self] = create_model(cls.__name__, __base__=cls, **fields)
        made._description = description
        return made

    @classmethod
    def subclass_from_base_model_type(cls, model_cls: type[BaseModel]) -> type[RunInput]:
        """Return a type of input with the fields of a pydantic model."""
        return type(f"{model_cls.__name__}RunInput", (RunInput, model_cls), {})

    @classmethod
    def keyset_from_type(cls) -> Keyset:
        """Return the keys that the type's name makes."""
        return keys_of(cls.__name__.lower())

    @classmethod
    def load_from_flow_run_input(cls, flow_run_input: FlowRunInput) -> Self:
        """Return an input that a client read."""
        return cls.made(
            flow_run_input.value, flow_run_input.key, flow_run_input.flow_run_id, sender=flow_run_input.sender
        )

    @classmethod
    def made(cls, text: str, key: str, receiver: UUID, sender: str | None = None) -> Self:
        """Return an input made of JSON text, with where it came from."""
        given = cls.model_validate_json(text)
        given._metadata = RunInputMetadata(key=key, sender=sender, receiver=receiver)
        return given

    @classmethod
    def save(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> Any:
        """Store what is asked: the input's schema and description, in a run's inputs; that of this run by default."""
        return played(ask(run_here(flow_run_id), keyset, wanted(cls)))

    @classmethod
    async def asave(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> None:
        """Do as `save`, awaited."""
        await awaited(ask(run_here(flow_run_id), keyset, wanted(cls)))

    @classmethod
    def load(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> Any:
        """Return the response to what was asked, from a run's inputs; from those of this run by default."""
        return played(loading(cls, keyset, run_here(flow_run_id)))

    @classmethod
    async def aload(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> Any:
        """Do as `load`, awaited."""
        return await awaited(loading(cls, keyset, run_here(flow_run_id)))

    def send_to(self, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None) -> Any:
        """Send this input to a flow run; see `send_input`."""
        return played(sending(self, flow_run_id, sender, key_prefix))

    async def asend_to(self, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None) -> None:
        """Do as `send_to`, awaited."""
        await awaited(sending(self, flow_run_id, sender, key_prefix))

    def respond(self, run_input: Any, sender: str | None = None, key_prefix: str | None = None) -> Any:
        """Send an input to the flow run that sent this one; see `send_input`.

        Raises:
            RuntimeError: No flow run sent this one.
        """
        return played(sending(run_input, self.sending_run(), sender, key_prefix))

    async def arespond(self, run_input: Any, sender: str | None = None, key_prefix: str | None = None) -> None:
        """Do as `respond`, awaited."""
        await awaited(sending(run_input, self.sending_run(), sender, key_prefix))

    def sending_run(self) -> UUID:
        """Return the flow run that sent this input."""
        sender = self.metadata.sender or ""
        if not sender.startswith(SENDER):
            raise RuntimeError(f"no flow run sent this input, it is from {sender or 'nobody'}: nobody gets a response")
        return UUID(sender.removeprefix(SENDER))

    @classmethod
    def receive(
        cls,
        timeout: float | None = 3600,
        poll_interval: float = 10,
        raise_timeout_error: bool = False,
        exclude_keys: Collection[str] | None = None,
        key_prefix: str | None = None,
        flow_run_id: UUID | None = None,
    ) -> GetInputHandler[Self]:
        """Return an iterator, sync and async, of a run's inputs of this type; see `receive_input`."""
        return GetInputHandler(
            cls, prefix_of(cls, key_prefix), timeout, poll_interval, raise_timeout_error, exclude_keys, flow_run_id
        )


class AutomaticRunInput(RunInput, Generic[T]):
    """An input that carries a value of any type."""

    value: T

    @classmethod
    def subclass_from_type(cls, kind: Any) -> type[AutomaticRunInput[Any]]:
        """Return a type of input whose value is of a type; its name is made of the type's without its parameters."""
        name = getattr(kind, "__name__", getattr(kind, "_name", None) or "").lower()
        return create_model(f"{name}AutomaticRunInput", __base__=AutomaticRunInput, value=(kind, ...))


class GetInputHandler(Generic[T]):
    """Yields the inputs of a run as they come, oldest first: iterate over it, or call `next` or await `anext`.

    `exclude_keys` grows by the key of each that was given.
    """

    def __init__(
        self,
        run_input_cls: type[RunInput],
        key_prefix: str,
        timeout: float | None = 3600,
        poll_interval: float = 10,
        raise_timeout_error: bool = False,
        exclude_keys: Collection[str] | None = None,
        flow_run_id: UUID | None = None,
        with_metadata: bool = False,
    ) -> None:
        self.run_input_cls, self.key_prefix = run_input_cls, key_prefix
        self.timeout, self.poll_interval, self.raise_timeout_error = timeout, poll_interval, raise_timeout_error
        self.exclude_keys = set(exclude_keys or ())
        self.flow_run_id = run_here(flow_run_id)
        self.with_metadata = with_metadata

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return done(self.awaiting())
        except NoInput:
            if self.raise_timeout_error:
                raise
            raise StopIteration from None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await self.anext()
        except NoInput:
            if self.raise_timeout_error:
                raise
            raise StopAsyncIteration from None

    def next(self) -> Any:
        """Return the next input, or raise TimeoutError; to be awaited in async code."""
        return played(self.awaiting())

    async def anext(self) -> T:
        """Return the next input, or raise TimeoutError."""
        return await awaited(self.awaiting())

    def awaiting(self) -> Steps[T]:
        """Look for the next input, soon at first and then less often."""
        until = None if self.timeout is None else clock.monotonic() + self.timeout
        pause = FIRST_LOOK
        while True:
            found = yield filter_flow_run_input(self.flow_run_id, self.key_prefix, 1, self.exclude_keys)
            if found:
                self.exclude_keys.add(found[0].key)
                return cast("T", self.given(found[0]))
            left = pause if until is None else until - clock.monotonic()
            if left <= 0:
                raise NoInput(f"no input {self.key_prefix!r} came to flow run {self.flow_run_id} in {self.timeout:g} s")
            yield Look(min(pause, self.poll_interval, left))
            pause *= 1.5

    def given(self, found: FlowRunInput) -> Any:
        """Return what a user is given of an input."""
        made = self.run_input_cls.load_from_flow_run_input(found)
        return made if self.with_metadata else plain(made)


def plain(given: RunInput) -> Any:
    """Return an input, or the value that it carries."""
    return given.value if isinstance(given, AutomaticRunInput) else given


def run_input_subclass_from_type(kind: Any) -> type[RunInput]:
    """Return a type of input for a type: itself, one with a model's fields, or one that carries a value of it."""
    if inspect.isclass(kind) and issubclass(kind, RunInput):
        return kind
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        return RunInput.subclass_from_base_model_type(kind)
    return AutomaticRunInput.subclass_from_type(kind)


def keyset_from_base_key(base_key: str) -> Keyset:
    """Return the keys that begin with a text."""
    return keys_of(base_key)


def keyset_from_paused_state(state: State) -> Keyset:
    """Return the keys of what a paused state asks for; raise RuntimeError if the state is not paused."""
    if not state.is_paused():
        raise RuntimeError(f"only a paused state asks for input, not {state!r}")
    return keys_of(f"{(state.name or '').lower()}-{state.state_details.pause_key}")


def run_here(flow_run_id: UUID | str | None = None) -> UUID:
    """Return a run's id: the given one, or that of the flow run that goes on here."""
    if flow_run_id is not None:
        return UUID(str(flow_run_id))
    flow = FLOW.get()
    if flow is None:
        raise MissingContext("No flow runs here: give flow_run_id")
    return flow.run.id


def prefix_of(kind: type[RunInput], given: str | None) -> str:
    """Return what the keys of a type's inputs begin with."""
    prefix = f"{kind.__name__.lower()}-auto" if given is None else given
    if not PREFIX.fullmatch(prefix):
        raise ValueError(f"key_prefix: {prefix!r} has other characters than a-z, 0-9 and dashes; give one without")
    return prefix


def wanted(kind: type[RunInput]) -> Wanted:
    """Return what is asked of whoever resumes a run."""
    schema = kind.model_json_schema(ref_template="#/definitions/{model}")
    if "$defs" in schema:  # forms look for them there
        schema["definitions"] = schema["$defs"]
    return Wanted(json.dumps(schema), json.dumps(kind._description) if kind._description else None)


def loading(kind: type[RunInput], keyset: Keyset, run_id: UUID) -> Steps[Any]:
    """Read a response."""
    found = yield from answer(run_id, keyset)
    return response(kind, found)


def response(kind: type[RunInput], found: Answered) -> Any:
    """Return what a pause was answered with."""
    return plain(kind.made(found.text, found.key, found.run_id))


def sending(given: Any, flow_run_id: UUID | str, sender: str | None, key_prefix: str | None) -> Steps[None]:
    """Send an input to a run."""
    kind: Any = run_input_subclass_from_type(type(given))
    text = (given if isinstance(given, BaseModel) else kind(value=given)).model_dump_json()
    key = f"{prefix_of(kind, key_prefix)}-{uuid4()}"
    yield create_flow_run_input(UUID(str(flow_run_id)), key, text, sender_here(sender))


def sender_here(sender: str | None) -> str | None:
    """Return who sends: who is named, or the flow run that goes on here."""
    flow = FLOW.get()
    return f"{SENDER}{flow.run.id}" if sender is None and flow is not None else sender


def send_input(run_input: Any, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None) -> Any:
    """Send an input to a flow run, which receives it with `receive_input`; to be awaited in async code.

    Args:
        run_input: The input: a RunInput, a pydantic model, or any value that pydantic can write as JSON.
        flow_run_id: The run's id.
        sender: Who sends it; by default the flow run that goes on here, so that it can be responded to.
        key_prefix: What the input's key begins with, of a-z, 0-9 and dashes; by default it is made of the type's name.

    Raises:
        ObjectNotFound: There is no such run.
        ValueError: The key would have other characters.
    """
    return played(sending(run_input, flow_run_id, sender, key_prefix))


async def asend_input(
    run_input: Any, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None
) -> None:
    """Do as `send_input`, awaited."""
    await awaited(sending(run_input, flow_run_id, sender, key_prefix))


@overload
def receive_input(
    input_type: type[R],
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: Collection[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: UUID | None = None,
    with_metadata: bool = False,
) -> GetInputHandler[R]: ...
@overload
def receive_input(
    input_type: type[T],
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: Collection[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: UUID | None = None,
    with_metadata: bool = False,
) -> GetInputHandler[T]: ...
def receive_input(
    input_type: Any,
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: Collection[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: UUID | None = None,
    with_metadata: bool = False,
) -> Any:
    """Return an iterator, sync and async, of the inputs of a type that are sent to a flow run, oldest first.

    Args:
        input_type: A RunInput, a pydantic model, or a type such as `int` or `list[str]`.
        timeout: Seconds without an input after which the iterator ends; an hour by default, None is never.
        poll_interval: Seconds between two questions to the server, at the most; 10 by default.
        raise_timeout_error: Whether TimeoutError is raised then; by default the iterator ends in silence.
        exclude_keys: Keys of inputs that are not wanted; by default none.
        key_prefix: What the keys of the inputs begin with; by default what `send_input` makes of the type's name.
        flow_run_id: The run whose inputs are meant; by default the one that goes on here.
        with_metadata: Whether a value comes as an object with `value`, `metadata` and `respond`; by default it comes
            alone. A RunInput or a model always has its `metadata`.

    Raises:
        MissingContext: No run is named, and no flow runs here.
        ValueError: The prefix has other characters than keys may have.
    """
    kind = run_input_subclass_from_type(input_type)
    prefix = prefix_of(kind, key_prefix)
    return GetInputHandler(
        kind, prefix, timeout, poll_interval, raise_timeout_error, exclude_keys, flow_run_id, with_metadata
    )
