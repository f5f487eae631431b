"""Loads a flow from `path/to/file.py:function`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import click

from lictor.sdk.flow import Flow


def load_flow(entrypoint: str) -> Flow[..., object]:
    """Return the flow that an entrypoint names; its folder is searched for what it imports, as when it is run."""
    path, _, name = entrypoint.rpartition(":")
    if not path or not name:
        raise click.ClickException(f"'{entrypoint}' names no flow: give path/to/file.py:function.")
    module = load_file(path, "path/to/file.py:function")
    found = getattr(module, name, None)
    if not isinstance(found, Flow):
        flows = [each for each, value in vars(module).items() if isinstance(value, Flow)]
        raise click.ClickException(f"'{path}' has no flow '{name}'; it has {', '.join(flows) or 'none'}.")
    return found


def load_file(path: str, form: str = "path/to/file.py") -> ModuleType:
    """Return the module that a file holds; its folder is searched for what it imports, as when it is run."""
    file = Path(path)
    if not file.is_file():
        raise click.ClickException(f"There is no file '{path}': give {form}.")
    place = importlib.util.spec_from_file_location(file.stem, file.resolve())
    if place is None or place.loader is None:
        raise click.ClickException(f"'{path}' is no Python file.")
    module = importlib.util.module_from_spec(place)
    sys.modules[file.stem] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        place.loader.exec_module(module)
    except Exception as error:  # the user's file may raise anything
        raise click.ClickException(f"'{path}' cannot be loaded: {type(error).__name__}: {error}") from error
    return module
