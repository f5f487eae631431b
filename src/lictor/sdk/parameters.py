"""Gives a call's arguments their names, and checks them against the types that the function declares."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from inspect import Parameter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_type_hints

from lictor.engine.errors import ParameterBindError, ParameterTypeError, ReservedArgument, SignatureMismatch
from lictor.kit.masking import hide

if TYPE_CHECKING:
    from pydantic import TypeAdapter

KEYWORD, POSITIONAL, POSITIONAL_ONLY = (
    Parameter.KEYWORD_ONLY,
    Parameter.POSITIONAL_OR_KEYWORD,
    Parameter.POSITIONAL_ONLY,
)
VAR_KEYWORD, VAR_POSITIONAL = Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL
RESERVED = ("return_state", "wait_for")
"""Arguments of every call of a flow or task."""

UNCHECKED = (Parameter.empty, Any, object)

Validator = Callable[[Any], Any]


class Parameters:
    """The parameters of a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.called = str(getattr(function, "__name__", repr(function)))
        self.signature = inspect.signature(function)
        self.all = list(self.signature.parameters.values())
        self.names = tuple(parameter.name for parameter in self.all)
        for reserved in RESERVED:
            if reserved in self.names:
                raise ReservedArgument(
                    f"'{reserved}' cannot be a parameter of {self.called}: calls of flows and tasks take an "
                    "argument of that name; call the parameter otherwise"
                )
        self.simple = all(parameter.kind is POSITIONAL for parameter in self.all)
        self.defaults = {one.name: one.default for one in self.all if one.default is not Parameter.empty}

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments by name, defaults included; raise ParameterBindError if they do not fit."""
        if self.simple and not kwargs and len(args) == len(self.names):
            return dict(zip(self.names, args, strict=True))
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as wrong:
            raise ParameterBindError(f"{self.called}{self.signature} cannot be called like this: {wrong}") from None
        bound.apply_defaults()
        return bound.arguments

    def of_run(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments that a run's parameters stand for, defaults included."""
        empty: dict[Any, Any] = {VAR_POSITIONAL: (), VAR_KEYWORD: {}}
        given = {one.name: empty[one.kind] for one in self.all if one.kind in empty} | self.defaults | parameters
        if missing := [name for name in self.names if name not in given]:
            raise ParameterBindError(
                f"{self.called}{self.signature} lacks the parameters {', '.join(missing)} in this run"
            )
        return {name: given[name] for name in self.names}

    def spread(self, arguments: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return named arguments as they are passed to the function."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for parameter in self.all:
            value = arguments[parameter.name]
            match parameter.kind:
                case Parameter.VAR_POSITIONAL:
                    args.extend(value)
                case Parameter.VAR_KEYWORD:
                    kwargs.update(value)
                case Parameter.KEYWORD_ONLY:
                    kwargs[parameter.name] = value
                case _:
                    args.append(value)
        return tuple(args), kwargs

    def named(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return parameters with their defaults; raise an error that says which are unknown, or missing."""
        if unknown := [name for name in parameters if name not in self.names]:
            raise SignatureMismatch(f"{self.called}{self.signature} has no parameters {', '.join(unknown)}")
        try:
            return self.of_run(parameters)
        except ParameterBindError as missing:
            raise ParameterTypeError(str(missing)) from None

    def validate(self, arguments: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return arguments coerced to their types, as they are passed; raise ParameterTypeError naming each misfit."""
        return self.spread(self.converted(arguments))

    def converted(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return arguments coerced to their types; raise ParameterTypeError naming each misfit."""
        if not self.validators:
            return arguments
        checked, wrong = dict(arguments), []
        for parameter in self.all:
            name, validator = parameter.name, self.validators.get(parameter.name)
            if validator is None or (name in self.defaults and arguments[name] is self.defaults[name]):
                continue
            try:
                match parameter.kind:
                    case Parameter.VAR_POSITIONAL:
                        checked[name] = tuple([validator(value) for value in arguments[name]])
                    case Parameter.VAR_KEYWORD:
                        checked[name] = {key: validator(value) for key, value in arguments[name].items()}
                    case _:
                        checked[name] = validator(arguments[name])
            except ValueError as error:
                wrong.extend(misfits(name, error))
        if wrong:
            raise ParameterTypeError("the flow's parameters do not fit their types: " + "; ".join(wrong))
        for name in self.secretive:
            hide_secrets(checked[name])
        return checked

    @cached_property
    def validators(self) -> dict[str, Validator]:
        """What checks each parameter that declares a type."""
        return {name: adapter.validate_python for name, adapter in self.adapters.items()}

    @cached_property
    def secretive(self) -> list[str]:
        """The parameters whose types hold secrets, somewhere in them."""
        return [name for name, adapter in self.adapters.items() if "Secret" in str(adapter.core_schema)]

    @cached_property
    def adapters(self) -> dict[str, TypeAdapter[Any]]:
        """The declared types."""
        declared = hints_of(self.function)
        return {name: adapter_of(declared[name]) for name in self.names if declared.get(name, Any) not in UNCHECKED}


def hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the types that a function's parameters declare; one that names what is not there declares nothing."""
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError):
        found: dict[str, Any] = {}
        for name, hint in inspect.get_annotations(function).items():
            stand_in = SimpleNamespace(__annotations__={name: hint}, __globals__=getattr(function, "__globals__", {}))
            with suppress(NameError, TypeError, AttributeError):
                found |= get_type_hints(stand_in, stand_in.__globals__, include_extras=True)
        return found


def adapter_of(hint: Any) -> TypeAdapter[Any]:
    """Return what checks a value against a type, and coerces it."""
    import pydantic  # noqa: PLC0415  # only flows with declared types need it

    try:
        return pydantic.TypeAdapter(hint)
    except pydantic.errors.PydanticSchemaGenerationError:
        config = pydantic.ConfigDict(arbitrary_types_allowed=True)
        return pydantic.TypeAdapter(hint, config=config)


def hide_secrets(value: Any) -> None:
    """Let log lines mask the secrets in a value: its own, or those in the fields and items that it consists of."""
    if hasattr(value, "get_secret_value"):
        hide_all(value.get_secret_value())
    elif isinstance(value, dict):
        for each in value.values():
            hide_secrets(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            hide_secrets(each)
    elif hasattr(type(value), "model_fields") or hasattr(type(value), "__dataclass_fields__"):
        hide_secrets(dict(getattr(value, "__dict__", {})))


def hide_all(secret: Any) -> None:
    """Let log lines mask a secret: a text, or each that a structure consists of."""
    if isinstance(secret, dict | list):
        for each in secret.values() if isinstance(secret, dict) else secret:
            hide_all(each)
    elif secret is not None and not isinstance(secret, bool):
        hide(secret.decode("utf-8", "replace") if isinstance(secret, bytes) else str(secret))


def misfits(name: str, error: ValueError) -> list[str]:
    """Return what is wrong with a parameter's value, place by place."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return [f"{name}: {error}"]
    return [
        f"{'.'.join([name, *map(str, one['loc'])])}: {one['msg']}"
        for one in errors(include_url=False, include_input=False)
    ]
