"""Where the code of flows is kept: a folder, a repository, wherever fsspec reaches, or what a block knows."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypedDict, runtime_checkable
from urllib.parse import urlsplit
from uuid import uuid4

from lictor.engine.drive import settled
from lictor.kit.git import clone
from lictor.kit.temporary_folder import temporary_folder
from lictor.sdk.calling import called
from lictor.sdk.remote_folder import fetch, file_system, package_of
from lictor.sdk.repository import SECRETIVE, SECRETS, folder_name, login_of, plain, without_login

logger = logging.getLogger("lictor.deploy")

STEPS = "prefect.deployments.steps."
OF_GIT = frozenset({"http", "https", "git", "ssh"})
OF_FOLDERS = frozenset({"file", "local"})
COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")
HARMLESS = re.compile(r"anon|browser|cache|cloud|google_default|.*\.json|\{\{.*\}\}", re.DOTALL)
"""Values that are no secrets even so: kinds of sign-ins of Google's storage, files, placeholders."""


@runtime_checkable
class RunnerStorage(Protocol):
    """A place of code; whatever has these is one. `pull_code` may be async."""

    def set_base_path(self, path: Path) -> None:
        """Say in which folder of this machine the code goes."""

    @property
    def pull_interval(self) -> int | None:
        """Seconds after which the code is to be got anew."""

    @property
    def destination(self) -> Path:
        """The folder of this machine that the code is in once it is got."""

    def pull_code(self) -> Any:
        """Get the code into the destination."""

    def to_pull_step(self) -> Any:
        """Return the step that makes the code available to a run, or a list of them."""


class GitCredentials(TypedDict, total=False):
    """Who signs in at a repository's host."""

    username: str
    access_token: Any


class Pulled:
    """What places have in common whose code is got from elsewhere."""

    base = Path()
    """The folder that the code's own goes into; by default the one that the process works in."""
    name: str
    pull_interval: int | None

    def set_base_path(self, path: Path) -> None:
        """Say in which folder of this machine the code goes."""
        self.base = path

    @property
    def destination(self) -> Path:
        """The folder of this machine that the code is in once it is got."""
        return self.base.absolute() / self.name

    def pull_code(self) -> Any:
        """Get the code into the destination, anew if it is there; to be awaited in async code."""
        return called(self.pull)

    def pull(self) -> None:
        """Get the code."""
        raise NotImplementedError

    def says(self) -> Any:
        """Return what tells one from others."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pulled) and type(other) is type(self) and other.says() == self.says()

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class LocalStorage:
    """A folder of the machine that runs are on.

    Args:
        path: The folder.
        pull_interval: Taken for programs that say it; there is nothing to get.
    """

    def __init__(self, path: str | Path, pull_interval: int | None = None) -> None:
        self.path, self.pull_interval = Path(path).expanduser().resolve(), pull_interval

    @property
    def destination(self) -> Path:
        """The folder."""
        return self.path

    def set_base_path(self, path: Path) -> None:
        """Leave the folder where it is."""

    def pull_code(self) -> Any:
        """Make sure that the folder is there, or raise ValueError; to be awaited in async code."""
        return called(self.pull)

    def pull(self) -> None:
        """Look for the folder."""
        if not self.path.is_dir():
            raise ValueError(f"There is no folder '{self.path}'.")

    def to_pull_step(self) -> dict[str, Any]:
        """Return the step that goes into the folder."""
        return {f"{STEPS}set_working_directory": {"directory": str(self.path)}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalStorage) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return f"LocalStorage({str(self.path)!r})"


class GitRepository(Pulled):
    """A repository, which each run clones.

    Args:
        url: Its address.
        credentials: `access_token`, or `username` and `password`, of a private repository, each a saved Secret block;
            or a block with such fields. Texts do where the flow is not deployed, but called.
        name: The folder's name; by default the repository's and the branch's.
        branch: By default the repository's.
        commit_sha: A commit in place of a branch's last one.
        include_submodules: Whether its submodules are cloned, too.
        pull_interval: Taken for programs that say it; each run gets the code anew.
        directories: The only folders to check out.

    Raises:
        ValueError: There is a user without a token, a branch beside a commit, or what cannot be either.
    """

    def __init__(
        self,
        url: str,
        credentials: GitCredentials | Mapping[str, Any] | Any = None,
        name: str | None = None,
        branch: str | None = None,
        commit_sha: str | None = None,
        include_submodules: bool = False,
        pull_interval: int | None = 60,
        directories: list[str] | None = None,
    ) -> None:
        fields = credentials if isinstance(credentials, Mapping) else {}
        if fields.get("username") and not any(fields.get(each) for each in SECRETS):
            raise ValueError("credentials: a username alone does not sign in; give an access_token or a password, too.")
        if branch and commit_sha:
            raise ValueError("branch, commit_sha: give one of them.")
        if branch and branch.startswith("-"):
            raise ValueError(f"branch: no branch begins with a dash, as {branch!r} does.")
        if commit_sha and not COMMIT.fullmatch(commit_sha):
            raise ValueError(f"commit_sha: {commit_sha!r} is no commit, of 4 to 64 hexadecimal digits.")
        self.url, self.credentials, self.branch, self.commit_sha = url, credentials, branch, commit_sha
        self.include_submodules, self.directories = include_submodules, directories
        self.name, self.pull_interval = name or folder_name(url, branch), pull_interval

    def pull(self) -> None:
        """Clone the repository, or bring the clone up to date; GitError if it cannot be."""
        clone(
            self.url,
            self.destination,
            branch=self.branch,
            commit=self.commit_sha,
            submodules=self.include_submodules,
            directories=self.directories,
            login=login_of(self.url, self.credentials),
        )

    def to_pull_step(self) -> dict[str, Any]:
        """Return the step that clones it; ValueError for credentials in clear, which the server is not to have."""
        said = {
            "clone_directory_name": None if self.name == folder_name(self.url, self.branch) else self.name,
            "directories": self.directories or None,
            "include_submodules": self.include_submodules or None,
            "commit_sha": self.commit_sha,
            "credentials": placeholders(self.credentials, "credentials") or None,
        }
        given = {name: value for name, value in said.items() if value is not None}
        warn_of_login(self.url)
        return {f"{STEPS}git_clone": {"repository": self.url, "branch": self.branch, **given}}

    def says(self) -> Any:
        """Return what tells one from others."""
        return self.url, self.branch, self.commit_sha, self.name, self.include_submodules, self.directories

    def __repr__(self) -> str:
        chosen = "".join(f", {name}={value!r}" for name in ("branch", "commit_sha") if (value := getattr(self, name)))
        return f"GitRepository({without_login(self.url)!r}{chosen})"


class RemoteStorage(Pulled):
    """A folder that fsspec reaches, which each run copies; it needs `lictor[fsspec]`, and the driver of its scheme.

    Args:
        url: Where the folder is, as in `s3://bucket/folder`.
        pull_interval: Taken for programs that say it; each run gets the code anew.
        settings: What the driver is given: an endpoint, and credentials, each a saved Secret block.

    Raises:
        ValueError: The address names no place.
    """

    def __init__(self, url: str, pull_interval: int | None = 60, **settings: Any) -> None:
        self.url, self.pull_interval, self.settings = url, pull_interval, settings
        place = urlsplit(without_login(url))
        self.scheme, self.name = place.scheme.lower(), f"{place.netloc}/{place.path.strip('/')}".strip("/")
        if not self.scheme or not self.name or ".." in self.name.split("/"):
            raise ValueError(f"url: {without_login(url)!r} names no place, as s3://bucket/folder does.")

    def pull(self) -> None:
        """Copy the folder; RuntimeError if it cannot be had, ImportError if a package is missing."""
        self.destination.mkdir(parents=True, exist_ok=True)
        try:
            files = file_system(self.scheme, plain(self.settings), self.url)
            files.invalidate_cache()
            count = fetch(files, self.url, self.destination.resolve())
        except ImportError:
            raise
        except Exception as error:  # drivers raise anything
            said = f"{type(error).__name__}: {error}".replace(self.url, without_login(self.url))
            raise RuntimeError(f"'{without_login(self.url)}' cannot be had: {said}") from error
        if not count:
            raise RuntimeError(f"'{without_login(self.url)}' cannot be had: there are no files.")

    def to_pull_step(self) -> dict[str, Any]:
        """Return the step that copies it; ValueError for secrets in clear, which the server is not to have."""
        warn_of_login(self.url)
        package = package_of(self.scheme)
        said = {"url": self.url, **placeholders(self.settings, "settings")}
        return {f"{STEPS}pull_from_remote_storage": {**said, **({"requires": package} if package else {})}}

    def says(self) -> Any:
        """Return what tells one from others."""
        return self.url, self.settings

    def __repr__(self) -> str:
        return f"RemoteStorage({without_login(self.url)!r})"


class BlockStorageAdapter(Pulled):
    """What a block knows of: each run lets it copy its folder.

    Args:
        block: The block; to be deployed it has to be saved.
        pull_interval: Taken for programs that say it; each run gets the code anew.

    Raises:
        TypeError: It is no block.
        ValueError: It has no `get_directory`.
    """

    def __init__(self, block: Any, pull_interval: int | None = 60) -> None:
        if not hasattr(block, "get_block_type_slug"):
            raise TypeError(f"block: {block!r} is no block.")
        if not hasattr(block, "get_directory"):
            raise ValueError(
                f"block: code comes from those with a method get_directory; {type(block).__name__} has none."
            )
        self.block, self.pull_interval = block, pull_interval
        self.name = f"{block.get_block_type_slug()}-{block._block_document_name or uuid4()}"

    def pull(self) -> None:
        """Copy the folder in the place of what was copied before."""
        shutil.rmtree(self.destination, ignore_errors=True)
        self.destination.mkdir(parents=True)
        settled(self.block.get_directory(local_path=str(self.destination)))

    def to_pull_step(self) -> Any:
        """Return the step that the block gives, or the one that loads it; BlockNotSavedError if it is not saved."""
        own = getattr(self.block, "get_pull_step", None)
        if own is not None:
            return own()
        self.block.get_block_placeholder()
        slug, name = self.block.get_block_type_slug(), self.block._block_document_name
        return {f"{STEPS}pull_with_block": {"block_type_slug": slug, "block_document_name": name}}

    def says(self) -> Any:
        """Return what tells one from others."""
        return self.block

    def __repr__(self) -> str:
        return f"BlockStorageAdapter({self.block!r})"


def warn_of_login(url: str) -> None:
    """Say that a login in an address will stand in the deployment in clear."""
    shown = without_login(url)
    if shown != url:
        logger.warning("The login in the address of %s stands in the deployment in clear; give a Secret block.", shown)


def placeholders(value: Any, place: str) -> Any:
    """Return what stands for a value in a step: placeholders for blocks; raise ValueError for a secret in clear."""
    if isinstance(value, Mapping):
        return {name: placeholders(each, f"{place}.{name}") for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [placeholders(each, place) for each in value]
    if getattr(value, "_block_document_name", None):
        return f"{{{{ {value.get_block_placeholder()} }}}}"
    hidden = hasattr(value, "get_secret_value") or hasattr(value, "get_block_placeholder")
    name = place.rpartition(".")[2]
    if hidden or (isinstance(value, str) and SECRETIVE.fullmatch(name) and not HARMLESS.fullmatch(value)):
        raise ValueError(f"{place}: give a Secret block that is saved, as steps are not secret.")
    return value


def storage_of(source: Any) -> RunnerStorage:
    """Return what a source stands for: an address, a folder, a block, or a place of code already.

    Raises TypeError for anything else.
    """
    if isinstance(source, str | Path):
        return create_storage_from_source(str(source))
    if isinstance(source, RunnerStorage):
        return source
    if hasattr(source, "get_directory"):
        return BlockStorageAdapter(source)
    raise TypeError(f"source: {source!r} is no address, no folder, no storage and no block that code comes from.")


def create_storage_from_source(source: str, pull_interval: int | None = 60) -> RunnerStorage:
    """Return the place of code that an address stands for: a repository, what fsspec reaches, or a folder.

    Args:
        source: The address. One that ends with `.git` is a repository, and any of http, https, git and ssh; one with
            another scheme is for fsspec; all else is a folder of this machine, with `file://` or without.
        pull_interval: Taken for programs that say it.
    """
    scheme = urlsplit(source).scheme.lower() if "://" in source else ""
    if scheme in OF_GIT or source.startswith("git@") or source.rstrip("/").endswith(".git"):
        return GitRepository(source, pull_interval=pull_interval)
    if not scheme or scheme in OF_FOLDERS:
        return LocalStorage(source.partition("://")[2] if scheme else source, pull_interval)
    return RemoteStorage(source, pull_interval)


def pull_steps_of(storage: RunnerStorage) -> list[dict[str, Any]]:
    """Return the steps that make the code of a place available to a run."""
    steps = storage.to_pull_step()
    return steps if isinstance(steps, list) else [steps] if steps else []


def code_of(storage: RunnerStorage) -> Path:
    """Get the code of a place into a folder that ends with this process, if it is not on this machine; return it."""
    if not isinstance(storage, LocalStorage):
        storage.set_base_path(temporary_folder("lictor-code-"))
    settled(storage.pull_code())
    return storage.destination
