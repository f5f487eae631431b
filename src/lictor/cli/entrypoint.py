"""Loads the code that users name on the command line."""

from __future__ import annotations

from types import ModuleType
from typing import Any, TypeVar

import click

from lictor.engine.errors import EntrypointError
from lictor.sdk import entrypoint as entrypoints
from lictor.sdk.flow import Flow

T = TypeVar("T")


def load(entrypoint: str, kind: type[T]) -> T:
    """Return the flow, or the task, that an entrypoint names."""
    try:
        return entrypoints.load(entrypoint, kind)
    except EntrypointError as wrong:
        raise click.ClickException(str(wrong)) from wrong


def load_flow(entrypoint: str) -> Flow[..., Any]:
    """Return the flow that an entrypoint names."""
    return load(entrypoint, Flow)


def load_code(file: str | None, module: str | None) -> ModuleType:
    """Return the module that a file holds, or one by its name."""
    try:
        return entrypoints.load_module(module or "") if file is None else entrypoints.load_file(file)
    except EntrypointError as wrong:
        raise click.ClickException(str(wrong)) from wrong
