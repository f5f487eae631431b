"""Typed input that a paused flow run waits for."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, create_model


class RunInput(BaseModel):
    """Input of a flow run: declare its fields as those of a pydantic model."""

    model_config = ConfigDict(extra="forbid")

    asked: ClassVar[str | None] = None

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
        made.asked = description
        return made

    @classmethod
    def schema_text(cls) -> str:
        """Return the JSON schema of the input."""
        return json.dumps(cls.model_json_schema())

    @classmethod
    def description_text(cls) -> str | None:
        """Return what is asked, as JSON."""
        return None if cls.asked is None else json.dumps(cls.asked)
