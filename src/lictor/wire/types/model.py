"""What users may do with the contract's types, by the names that pydantic's models have for it."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Literal, NamedTuple, Self

import msgspec
from msgspec import UNSET, Raw, Struct, structs

from lictor.kit.json import decode_any, encode

Mode = Literal["json", "python"]


class Model(Struct):
    """A struct that is dumped, validated and copied as a pydantic model is, and may be a field of one.

    Making one checks nothing, as with every struct: the server checks what is sent. A struct does not remember what
    was set, so `exclude_unset` leaves out what has its default, as `exclude_defaults` does.
    """

    LOCAL: ClassVar[Collection[str]] = ()
    """Fields that stay in the process."""

    def model_dump(
        self,
        *,
        mode: Mode | str = "python",
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> dict[str, Any]:
        """Return the fields; with mode "json" all values are ones that JSON has."""
        how = Dumping(mode == "json", exclude_unset or exclude_defaults, exclude_none)
        dumped = how.struct(self)
        return {
            name: value
            for name, value in dumped.items()
            if (include is None or name in include) and name not in (exclude or ())
        }

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """Return the fields as JSON text; takes what `model_dump` takes."""
        text = encode(self.model_dump(mode="json", **options))
        return (text if indent is None else msgspec.json.format(text, indent=indent)).decode()

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Return an object made of fields, or of an object with such fields; raise ValueError if they do not fit."""
        if isinstance(obj, cls):
            return obj
        if not isinstance(obj, Mapping | Struct):
            raise ValueError(f"{cls.__name__} is made of a dictionary, not of {type(obj).__name__}")
        return cls.model_validate_json(encode(obj.model_dump(mode="json") if isinstance(obj, Model) else obj))

    @classmethod
    def model_validate_json(cls, json_data: str | bytes) -> Self:
        """Return an object made of JSON text; raise ValueError if it does not fit."""
        try:
            made: Self = decoder(cls).decode(json_data)
        except msgspec.MsgspecError as wrong:
            raise ValueError(f"not a {cls.__name__}: {wrong}") from None
        return made

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed."""
        return structs.replace(copy.deepcopy(self) if deep else self, **(update or {}))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # it is loaded already: pydantic asks

        return core_schema.no_info_plain_validator_function(
            cls.model_validate,
            serialization=core_schema.plain_serializer_function_ser_schema(dump, info_arg=True),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "object", "title": cls.__name__}


class Dumping(NamedTuple):
    """How structs are dumped, at every depth."""

    for_json: bool
    without_defaults: bool
    without_none: bool

    def struct(self, value: Struct) -> dict[str, Any]:
        """Return a struct's fields, and the name of its kind where it has one."""
        config, local = value.__struct_config__, value.LOCAL if isinstance(value, Model) else ()
        dumped: dict[str, Any] = {} if config.tag_field is None else {config.tag_field: config.tag}
        for field in fields(type(value)):
            found = getattr(value, field.name)
            if found is UNSET or field.name in local or (self.without_none and found is None):
                continue
            if not (self.without_defaults and found == default(field)):
                dumped[field.name] = self.value(found)
        return dumped

    def value(self, value: Any) -> Any:
        """Return a field's value."""
        match value:
            case Struct():
                return self.struct(value)
            case dict():
                return {self.value(name): self.value(each) for name, each in value.items()}
            case list() | tuple() | set() | frozenset():
                items = [self.value(each) for each in value]
                return items if self.for_json else type(value)(items)
            case Raw():
                return decode_any(value)
            case timedelta() if self.for_json:
                return value.total_seconds()
        return msgspec.to_builtins(value) if self.for_json else value


def dump(value: Any, info: Any) -> Any:
    """Return a pydantic model's field that is one of ours."""
    return value.model_dump(mode=info.mode, exclude_none=info.exclude_none, exclude_defaults=info.exclude_defaults)


@cache
def decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    """Return what reads a type from JSON: numbers count as durations, too."""
    return msgspec.json.Decoder(kind, strict=False)


@cache
def fields(kind: type[Struct]) -> tuple[structs.FieldInfo, ...]:
    """Return a struct's fields."""
    return structs.fields(kind)


def default(field: structs.FieldInfo) -> Any:
    """Return what a field has when it is not given."""
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default
