"""The types of workers that are installed: Lictor's own, and those of other packages."""

from __future__ import annotations

from typing import Any

from lictor.sdk.worker import ProcessWorker, Worker

GROUP = "lictor.workers"
"""The group of entry points that name types of workers."""


def installed() -> list[str]:
    """Return the names of all types."""
    from importlib.metadata import entry_points  # noqa: PLC0415  # costs a megabyte, and most workers are of processes

    return sorted({ProcessWorker.type, *entry_points(group=GROUP).names})


def worker_type(name: str) -> type[Worker[Any]]:
    """Return the class of a type of worker; ValueError if none is installed, or it cannot be used."""
    if name == ProcessWorker.type:
        return ProcessWorker
    from importlib.metadata import entry_points  # noqa: PLC0415  # see above

    found = list(entry_points(group=GROUP, name=name))
    if not found:
        raise ValueError(f"No worker of type '{name}' is installed here; there are: {', '.join(installed())}.")
    try:
        loaded = found[0].load()
    except (ImportError, AttributeError) as error:
        raise ValueError(f"The worker of type '{name}', {found[0].value}, cannot be loaded: {error}.") from None
    if not (isinstance(loaded, type) and issubclass(loaded, Worker)):
        raise ValueError(f"The worker of type '{name}', {found[0].value}, is no class that extends Worker.")
    if getattr(loaded, "type", None) != name:
        raise ValueError(f"The worker of type '{name}', {found[0].value}, calls itself of another type.")
    return loaded
