"""The JSON schema of a function's parameters, as deployments carry it: pydantic's, with what the docstring says."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from inspect import Parameter
from typing import Any

from msgspec import field

from lictor.sdk.parameters import Parameters, hints_of
from lictor.wire.types.model import Model

TITLE = "Parameters"
SECTION = re.compile(r"^(Args|Arguments|Parameters|Params):\s*$")
ENTRY = re.compile(r"^\*{0,2}(\w+)\s*(\([^)]*\))?:\s*(.*)$")
BOUND = frozenset({"self", "cls"})


class ParameterSchema(Model, kw_only=True):
    """The schema of a function's parameters, by its parts."""

    title: str = TITLE
    type: str = "object"
    properties: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    definitions: dict[str, Any] = field(default_factory=dict)

    def model_dump_for_openapi(self) -> dict[str, Any]:
        """Return the schema, without `required` where nothing is."""
        return self.model_dump(mode="json", exclude=() if self.required else ("required",))


def parameter_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the schema of a function's parameters.

    Types that have no JSON schema allow anything. Each property says its `position`, and what the docstring's `Args:`
    say of it. `*args` is an array and `**kwargs` an object, neither required.
    """
    import pydantic  # noqa: PLC0415  # calls do without

    described, hints = descriptions(inspect.getdoc(function) or ""), hints_of(function)
    fields: dict[str, Any] = {}
    for position, one in enumerate(Parameters(function).all):
        if position == 0 and one.name in BOUND:
            continue
        hint, default = kind_of(one, hints.get(one.name, Any))
        said: dict[str, Any] = {"alias": one.name, "title": one.name, "description": described.get(one.name), **default}
        fields[f"p{position}"] = hint, pydantic.Field(**said, json_schema_extra={"position": position})
    config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    model = pydantic.create_model(TITLE, __config__=config, **fields)
    schema = model.model_json_schema(ref_template="#/definitions/{model}", schema_generator=generator())
    schema["definitions"] = schema.pop("$defs", {})
    return {**schema, "properties": schema.get("properties", {})}


def kind_of(parameter: Parameter, hint: Any) -> tuple[Any, dict[str, Any]]:
    """Return the type of a parameter's value, and its default as pydantic's fields take it."""
    match parameter.kind:
        case Parameter.VAR_POSITIONAL:
            return list[hint], {"default_factory": list}
        case Parameter.VAR_KEYWORD:
            return dict[str, hint], {"default_factory": dict}
    default = parameter.default
    if default is Parameter.empty:
        return hint, {}
    if type(default).__name__ == "FieldInfo":  # pydantic's Field(...), which says the default and more
        return hint, {"default": default.default}
    return hint, {"default": default}


def generator() -> Any:
    """Return what makes schemas and allows anything where a type has none."""
    from pydantic.json_schema import GenerateJsonSchema  # noqa: PLC0415  # see above

    class Lenient(GenerateJsonSchema):
        def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
            return {}

        def emit_warning(self, kind: Any, detail: str) -> None:
            """Say nothing of defaults that are no JSON: the schema leaves them out."""

    return Lenient


def descriptions(docstring: str) -> dict[str, str]:
    """Return what a docstring's `Args:` say of each parameter, line by line."""
    found: dict[str, list[str]] = {}
    lines = iter(docstring.splitlines())
    if not any(SECTION.match(line) for line in lines):
        return {}
    indent, current = 0, None
    for line in lines:
        if not line.strip():
            continue
        width = len(line) - len(line.lstrip())
        indent = indent or width
        if width < indent or not indent:
            break
        entry = ENTRY.match(line.strip()) if width == indent else None
        if entry is not None:
            current = found[entry[1]] = [entry[3]]
        elif current is not None:
            current.append(line.strip())
    return {name: "\n".join(lines).strip() for name, lines in found.items()}
