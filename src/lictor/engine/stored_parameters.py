"""The arguments of deferred task runs, in files that task workers read; the reference's read and write the same."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import pickle
from pathlib import Path
from typing import Any
from uuid import UUID

from lictor import __version__
from lictor.settings import current, table

SERIALIZER = {"type": "pickle", "picklelib": "cloudpickle", "picklelib_version": None}


def key_by_code(function: Any) -> str | None:
    """Return the key under which programs for the reference defer a function, which goes by its code, or None."""
    import cloudpickle  # noqa: PLC0415  # only task workers need it

    code = getattr(function, "__code__", None)
    if code is None:
        return None
    digest = hashlib.md5(cloudpickle.dumps(((code,), {})), usedforsecurity=False).hexdigest()
    return f"{function.__qualname__.rpartition('.')[2]}-{digest[:8]}"


def path_of(parameters_id: UUID) -> Path:
    """Return the file of a run's arguments."""
    return Path(current()[table.RESULTS_LOCAL_STORAGE_PATH]) / "parameters" / str(parameters_id)


class AnyName(type):
    """Lets a class have any name."""

    def __getattr__(cls, name: str) -> Any:
        return cls


class Foreign(metaclass=AnyName):
    """Stands for an object of a package that is not installed, such as what surrounded a call in the reference."""

    def __init__(self, *given: Any, **named: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


class Reader(pickle.Unpickler):
    """Reads arguments also where the packages of what stands beside them are not installed."""

    missing = ""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class, or what stands for one that is not here."""
        try:
            return super().find_class(module, name)
        except ImportError:
            self.missing = module
            return Foreign


def is_foreign(value: Any) -> bool:
    """Tell whether something in a value could not be read."""
    if isinstance(value, dict):
        return any(map(is_foreign, value.values()))
    return isinstance(value, Foreign) or (isinstance(value, list | tuple | set) and any(map(is_foreign, value)))


def keep(parameters_id: UUID, parameters: dict[str, Any], wait_for: list[Any] | None) -> None:
    """Keep the arguments of a run; raise what pickling them raises."""
    import cloudpickle  # noqa: PLC0415  # only deferred runs need it

    content = {"parameters": parameters, **({"wait_for": wait_for} if wait_for else {})}
    record = {
        "metadata": {
            "storage_key": str(parameters_id),
            "expiration": None,
            "serializer": SERIALIZER,
            "prefect_version": __version__,
            "storage_block_id": None,
        },
        "result": base64.encodebytes(cloudpickle.dumps(content)).decode(),
    }
    path = path_of(parameters_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{path.name}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(record))
    os.replace(unfinished, path)


def read(parameters_id: UUID) -> tuple[dict[str, Any], list[Any]]:
    """Return the arguments of a run, and what it waits for; raise OSError or ValueError if they are not there."""
    record = json.loads(path_of(parameters_id).read_text())
    reader = Reader(io.BytesIO(base64.decodebytes(record["result"].encode())))
    content = reader.load()
    parameters, wait_for = content.get("parameters") or {}, list(content.get("wait_for") or [])
    if is_foreign(parameters) or is_foreign(wait_for):
        raise ValueError(f"they need the module {reader.missing}, which is not installed here")
    return parameters, wait_for
