"""Folders that fsspec reaches, with the file system of their scheme."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NEEDED = "files at {scheme}:// need a package that is not installed: pip install 'lictor[{extra}]'{more} ({error})"
PACKAGES = {"abfs": "adlfs", "az": "adlfs", "gcs": "gcsfs", "gs": "gcsfs", "s3": "s3fs", "s3a": "s3fs"}
"""The packages of schemes that fsspec itself has no driver for."""


def file_system(scheme: str, settings: Mapping[str, Any], url: str = "") -> Any:
    """Return the file system of a scheme, with what an address says of it (such as a host) where the settings do not.

    ImportError says what is missing.
    """
    try:
        import fsspec  # noqa: PLC0415  # only who has such files needs it

        said = fsspec.get_filesystem_class(scheme)._get_kwargs_from_urls(url) if url else {}
        return fsspec.filesystem(scheme, **{**said, **settings})
    except ImportError as error:
        extra, package = "smb" if scheme == "smb" else "fsspec", PACKAGES.get(scheme)
        more = f" {package}" if package else ""
        raise ImportError(NEEDED.format(scheme=scheme, extra=extra, more=more, error=error)) from None


def package_of(scheme: str) -> str | None:
    """Return the package that has the driver of a scheme, as far as it is known here."""
    fsspec = sys.modules.get("fsspec")
    driver = None if fsspec is None else fsspec.registry.get(scheme)
    return PACKAGES.get(scheme) if driver is None else str(driver.__module__).partition(".")[0]


def fetch(files: Any, place: str, target: Path) -> int:
    """Copy the files below a place into a folder here; return how many there are.

    Raises ValueError for one that would be written outside of the folder.
    """
    top, count = files._strip_protocol(place).rstrip("/"), 0
    for name in files.find(top):
        path = (target / str(name).removeprefix(top).lstrip("/")).resolve()
        if target not in path.parents:
            raise ValueError(f"the file {name!r} would be written outside of {target}")
        path.parent.mkdir(parents=True, exist_ok=True)
        files.get_file(name, str(path))
        count += 1
    return count
