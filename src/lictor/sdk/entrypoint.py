"""Entrypoints: where a flow is, as `path/to/file.py:flow` or `package.module.flow`."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeVar

from lictor.engine.errors import EntrypointError, ScriptError

T = TypeVar("T")

FORM = "path/to/file.py:function or package.module.function"


INSTEAD = "Import lictor in place of prefect; it has the same names."


class EntrypointType(StrEnum):
    """How an entrypoint says where its flow is."""

    FILE_PATH = "file_path"
    MODULE_PATH = "module_path"


class Decorated(Protocol):
    """A flow or a task."""

    name: str

    @property
    def fn(self) -> Callable[..., Any]:
        """The function that was decorated."""


def load(entrypoint: str, kind: type[T], folder: Path | None = None) -> T:
    """Return the flow, or what else of a kind, that an entrypoint names.

    A relative file, or a module, is looked for in `folder`, by default the working one.

    Raises:
        EntrypointError: There is no such file, module, or flow in it.
        ScriptError: What the file or the module does when it is loaded fails.
    """
    path, colon, name = entrypoint.rpartition(":")
    if not colon:
        path, _, name = entrypoint.rpartition(".")
    what = kind.__name__.lower()
    if not path or not name or (not colon and name == "py"):  # a file without the flow's name
        raise EntrypointError(f"'{entrypoint}' names no {what}: give {FORM}.")
    is_file = bool(colon) and (path.endswith(".py") or "/" in path)
    module = load_file(path, folder) if is_file else load_module(path, folder)
    try:
        found = attrgetter(name)(module)
    except AttributeError:
        found = None
    if type(found).__module__.partition(".")[0] == "prefect":
        raise EntrypointError(f"'{path}' has a {what} '{name}' of Prefect's SDK. {INSTEAD}")
    if not isinstance(found, kind):
        known = [each for each, value in vars(module).items() if isinstance(value, kind)]
        raise EntrypointError(f"'{path}' has no {what} '{name}'; it has {', '.join(known) or 'none'}.")
    return found


def load_file(path: str, folder: Path | None = None) -> ModuleType:
    """Return the module that a file holds.

    Its folder is searched for what it imports, as when it is run, then the one that it is looked for in, then the
    working one; it may also import what is beside it by a leading dot.
    """
    file = (Path(folder or ".") / path).resolve()
    if not file.is_file():
        raise EntrypointError(f"There is no file '{path}' in {file.parent}.")
    name = name_for(file)
    beside = [str(file.parent), str(Path.cwd())]
    place = importlib.util.spec_from_file_location(name, file, submodule_search_locations=beside)
    if place is None or place.loader is None:
        raise EntrypointError(f"'{path}' is no Python file.")
    module = importlib.util.module_from_spec(place)
    sys.modules[name] = module
    for each in (Path.cwd(), (folder or Path()).resolve(), file.parent):
        search(each)
    try:
        place.loader.exec_module(module)
    except Exception as error:  # the user's file may raise anything
        raise ScriptError(f"'{path}' cannot be loaded: {told(error)}") from error
    return module


def name_for(file: Path) -> str:
    """Return the name of a file's module: its stem, unless that is another module's."""
    known = sys.modules.get(file.stem)
    if known is None or getattr(known, "__file__", None) == str(file):
        return file.stem
    return f"{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"


def place_of(error: BaseException) -> str:
    """Return the line of users' code that raised an error, in brackets."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file != __file__ and not file.startswith("<frozen"):
            place = f" ({Path(file).name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return place


def told(error: Exception) -> str:
    """Return what went wrong where users' code was loaded, and what to do if it is meant for Prefect."""
    said = f"{type(error).__name__}: {error}{place_of(error)}"
    if isinstance(error, ImportError) and str(error).startswith("attempted relative import"):
        return f"{said}. Name the flow by its module: package.module:flow."
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    return f"{said}. {INSTEAD}" if missing is not None and missing.partition(".")[0] == "prefect" else said


def load_module(name: str, folder: Path | None = None) -> ModuleType:
    """Return a module by its name; it may lie in the folder."""
    search(Path(folder or ".").resolve())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise ScriptError(f"'{name}' cannot be loaded: {told(error)}") from error
        raise EntrypointError(f"There is no module '{name}'.{where_else(name, folder)}") from None
    except Exception as error:  # see above
        raise ScriptError(f"'{name}' cannot be loaded: {told(error)}") from error


def where_else(name: str, folder: Path | None = None) -> str:
    """Return what to do about a module that is not found, if it lies in a folder `src`."""
    parts = name.split(".")
    src = Path(folder or ".") / "src"
    if not any((src / parts[0]).with_suffix(each).exists() for each in ("", ".py")):
        return ""
    return f" '{parts[0]}' lies in 'src': install the project, as with pip install -e ., or set PYTHONPATH=src."


def search(folder: Path) -> None:
    """Search a folder for what is imported, before all others."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def entrypoint_of(flow: Decorated, kind: EntrypointType = EntrypointType.FILE_PATH) -> str:
    """Return where a flow is: its file, seen from the working folder, or its module.

    Raises EntrypointError for a flow that no entrypoint can name: one made in a function, or in no file.
    """
    function = inspect.unwrap(flow.fn)
    name, module = function.__qualname__, function.__module__
    if "<locals>" in name:
        raise EntrypointError(f"The flow '{flow.name}' is made in a function, where no entrypoint finds it.")
    if kind == EntrypointType.MODULE_PATH:
        if module == "__main__":
            raise EntrypointError(f"The flow '{flow.name}' is in the program that runs, which has no module's name.")
        return f"{module}.{name}"
    try:
        file = Path(inspect.getfile(function)).resolve()
    except TypeError:
        file = Path()
    if not file.is_file():
        raise EntrypointError(f"The flow '{flow.name}' is in no file.")
    here = Path.cwd()
    return f"{file.relative_to(here) if file.is_relative_to(here) else file}:{name}"
