"""Where the code of flows is kept: a folder, or a repository."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from lictor.kit.git import clone
from lictor.sdk.pull_steps import login_of

STEPS = "prefect.deployments.steps."
OF_GIT = frozenset({"http", "https", "git", "ssh", "file"})


class Storage(Protocol):
    """A place of code."""

    def pull_code(self) -> Path:
        """Return a folder of this machine that has the code."""

    def to_pull_step(self) -> dict[str, Any]:
        """Return the step that makes the code available to a run."""


@dataclass
class LocalStorage:
    """A folder of the machine that runs are on."""

    path: str | Path

    def pull_code(self) -> Path:
        """Return the folder; ValueError if it is not there."""
        folder = Path(self.path).expanduser().resolve()
        if not folder.is_dir():
            raise ValueError(f"There is no folder '{self.path}'.")
        return folder

    def to_pull_step(self) -> dict[str, Any]:
        """Return the step that goes into the folder."""
        return {f"{STEPS}set_working_directory": {"directory": str(self.pull_code())}}


@dataclass
class GitRepository:
    """A repository, which each run clones.

    Args:
        url: Its address.
        credentials: `access_token`, or `username` and `password`, of a private repository: saved Secret blocks. Texts
            do where the flow is not deployed, but called.
        name: The folder's name; by default the repository's and the branch's.
        branch: By default the repository's.
        commit_sha: A commit in place of a branch's last one.
        include_submodules: Whether its submodules are cloned, too.
        directories: The only folders to check out.
    """

    url: str
    credentials: Mapping[str, Any] | None = None
    name: str | None = None
    branch: str | None = None
    commit_sha: str | None = None
    include_submodules: bool = False
    directories: list[str] | None = None

    def pull_code(self) -> Path:
        """Clone the repository into a new folder, and return it; GitError if it cannot be cloned."""
        folder = Path(tempfile.mkdtemp(prefix="lictor-code-")) / "code"
        told = {name: plain(value) for name, value in (self.credentials or {}).items()}
        clone(
            self.url,
            folder,
            branch=self.branch,
            commit=self.commit_sha,
            submodules=self.include_submodules,
            directories=self.directories,
            login=login_of(told.get("access_token"), told),
        )
        return folder

    def to_pull_step(self) -> dict[str, Any]:
        """Return the step that clones it; ValueError for credentials in clear, which the server is not to have."""
        said = {
            "repository": self.url,
            "branch": self.branch,
            "commit_sha": self.commit_sha,
            "include_submodules": self.include_submodules or None,
            "directories": self.directories,
            "clone_directory_name": self.name,
        }
        told = {name: placeholder(name, value) for name, value in (self.credentials or {}).items()}
        token = told.pop("access_token", None)
        step = {**said, "access_token": token, "credentials": told or None}
        return {f"{STEPS}git_clone": {name: value for name, value in step.items() if value is not None}}


def plain(value: Any) -> Any:
    """Return a secret's text."""
    return value.get() if hasattr(value, "get") and not isinstance(value, str) else value


def placeholder(name: str, value: Any) -> str:
    """Return what stands for a secret in a step."""
    if name == "username" and isinstance(value, str):
        return value
    if not getattr(value, "_block_document_name", None):
        raise ValueError(f"credentials.{name}: give a Secret block that is saved, as steps are not secret.")
    return f"{{{{ {value.get_block_placeholder()} }}}}"


def storage_of(source: str | Path | Storage) -> Storage:
    """Return what a source stands for: a repository's address, a folder, or what is one already.

    Raises ValueError for an address of another kind.
    """
    if not isinstance(source, str | Path):
        return source
    scheme = urlsplit(source).scheme if isinstance(source, str) else ""
    if scheme in OF_GIT or (isinstance(source, str) and source.startswith("git@")):
        return GitRepository(str(source))
    if "://" in str(source):
        raise ValueError(f"source: '{source}' is no repository and no folder; buckets are not known yet.")
    return LocalStorage(source)
