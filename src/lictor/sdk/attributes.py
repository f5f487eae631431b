"""What flows and tasks say of themselves: their options, or the defaults of those that were not given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lictor.engine.flow_creation import json_of
from lictor.kit.json import decode_any
from lictor.sdk.parameter_schema import ParameterSchema, parameter_schema
from lictor.sdk.parameters import Parameters

if TYPE_CHECKING:
    from lictor.engine.specs import FlowSpec, TaskSpec
    from lictor.engine.task_runners import TaskRunner

Hook = Callable[..., Any]


class Attributes:
    """What flows and tasks have in common."""

    fn: Callable[..., Any]
    kind: Callable[..., Any] | None
    options: dict[str, Any]
    spec: Any

    @property
    def description(self) -> str | None:
        """The option, or else the function's docstring."""
        return self.options.get("description") or inspect.getdoc(self.fn)

    @property
    def version(self) -> str | None:
        """The version; a flow's is a digest of its file unless given."""
        version: str | None = self.spec.version
        return version

    @property
    def retries(self) -> int:
        """How often a run that failed is tried again."""
        retries: int = self.spec.retries
        return retries

    @property
    def timeout_seconds(self) -> float | None:
        """The seconds that a run may take, None for any time."""
        seconds: float | None = self.spec.timeout
        return seconds

    @property
    def log_prints(self) -> bool | None:
        """Whether prints become log lines; None if the flow around a run decides, or the setting."""
        wanted: bool | None = self.spec.log_prints
        return wanted

    @property
    def isasync(self) -> bool:
        """Whether the function is async."""
        return bool(self.spec.is_async)

    @property
    def isgenerator(self) -> bool:
        """Whether the function is a generator."""
        return bool(self.spec.yields)

    @property
    def ismethod(self) -> bool:
        """Whether the function is bound to an object."""
        return inspect.ismethod(self.fn) and not self.isclassmethod

    @property
    def isclassmethod(self) -> bool:
        """Whether the function is a class method."""
        return self.kind is classmethod or inspect.isclass(getattr(self.fn, "__self__", None))

    @property
    def isstaticmethod(self) -> bool:
        """Whether the function is a static method."""
        return self.kind is staticmethod

    @property
    def on_running_hooks(self) -> list[Hook]:
        """What is called when a run begins to run."""
        return self.hooks_of("on_running")

    @property
    def on_completion_hooks(self) -> list[Hook]:
        """What is called when a run completes."""
        return self.hooks_of("on_completion")

    @property
    def on_failure_hooks(self) -> list[Hook]:
        """What is called when a run fails for good."""
        return self.hooks_of("on_failure")

    def hooks_of(self, option: str) -> list[Hook]:
        """Return the hooks of a kind, in order."""
        return list(self.spec.hooks.get(option, ()))


class FlowAttributes(Attributes):
    """What flows say of themselves."""

    spec: FlowSpec

    @property
    def flow_run_name(self) -> str | Callable[..., str] | None:
        """The template or callable that names runs."""
        return self.spec.run_name

    @property
    def retry_delay_seconds(self) -> float:
        """The seconds between two tries."""
        return self.spec.retry_delay

    @property
    def should_validate_parameters(self) -> bool:
        """Whether arguments are checked and converted by the annotations."""
        return bool(self.options.get("validate_parameters", True))

    @property
    def task_runner(self) -> TaskRunner:
        """What each run duplicates for the tasks that it submits."""
        return self.spec.runner

    @property
    def parameters(self) -> ParameterSchema:
        """The JSON schema of the parameters, as deployments carry it."""
        return ParameterSchema(**parameter_schema(self.fn))

    @property
    def on_cancellation_hooks(self) -> list[Hook]:
        """What is called when a run is being cancelled."""
        return self.hooks_of("on_cancellation")

    @property
    def on_crashed_hooks(self) -> list[Hook]:
        """What is called when a run is cut off."""
        return self.hooks_of("on_crashed")

    def validate_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return parameters by name as a run would get them: converted to their types, defaults included.

        Raises:
            SignatureMismatchError: There is no parameter of a name.
            ParameterTypeError: A value does not fit its type, or one is missing.
        """
        known = Parameters(self.fn)
        return known.converted(known.named(parameters))

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return parameters as JSON values; what has none is given as the name of its type in angle brackets."""
        return {name: decode_any(json_of(value)) for name, value in parameters.items()}


class TaskAttributes(Attributes):
    """What tasks say of themselves."""

    spec: TaskSpec

    @property
    def tags(self) -> set[str]:
        """The tags of its runs."""
        return set(self.spec.tags)

    @property
    def task_key(self) -> str:
        """What is the same of it in every process."""
        return self.spec.key

    @property
    def task_run_name(self) -> str | Callable[..., str] | None:
        """The template or callable that names runs."""
        return self.spec.run_name

    @property
    def retry_delay_seconds(self) -> float | list[float]:
        """The seconds before a retry, or before each of them."""
        given, delays = self.options.get("retry_delay_seconds"), self.spec.delays
        return list(delays) if isinstance(given, list | tuple) or callable(given) or len(delays) != 1 else delays[0]

    @property
    def retry_jitter_factor(self) -> float | None:
        """The share by which delays vary at random."""
        return self.spec.jitter

    @property
    def retry_condition_fn(self) -> Callable[..., Any] | None:
        """What decides whether a failed run is tried again."""
        return self.spec.retry_condition

    @property
    def viz_return_value(self) -> Any:
        """What stands for its value where a flow is drawn."""
        return self.spec.viz_return_value
