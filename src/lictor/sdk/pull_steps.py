"""Steps that make a flow's code available before it runs, as deployments and project files say them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TextIO

from lictor.engine.drive import settled
from lictor.engine.errors import EntrypointError
from lictor.kit.git import clone
from lictor.sdk.repository import folder_name, login_of
from lictor.sdk.storage import BlockStorageAdapter, Pulled, RemoteStorage


def set_working_directory(directory: str) -> dict[str, str]:
    """Go into a folder."""
    os.chdir(directory)
    return {"directory": directory}


def git_clone(
    repository: str,
    branch: str | None = None,
    commit_sha: str | None = None,
    include_submodules: bool = False,
    access_token: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    directories: list[str] | None = None,
    clone_directory_name: str | None = None,
) -> dict[str, str]:
    """Clone a repository into a folder below this one, named after it and the branch.

    Args:
        repository: Its address.
        branch: By default the repository's.
        commit_sha: A commit in place of a branch's last one.
        include_submodules: Whether its submodules are cloned, too.
        access_token: Used as the password, for http and https.
        credentials: `access_token`, `token`, or `username` and `password`, in place of an access token.
        directories: The only folders to check out.
        clone_directory_name: The folder's name.

    Raises:
        GitError: It cannot be cloned.
    """
    name = clone_directory_name or folder_name(repository, branch)
    clone(
        repository,
        Path(name),
        branch=branch,
        commit=commit_sha,
        submodules=include_submodules,
        directories=directories,
        login=login_of(repository, {"access_token": access_token} if access_token else credentials),
    )
    return {"directory": name}


def pull_from_remote_storage(url: str, **settings: Any) -> dict[str, str]:
    """Copy a folder that fsspec reaches into one below this one.

    Args:
        url: Where it is, as in `s3://bucket/folder`.
        settings: What the driver of fsspec is given.

    Raises:
        ImportError: A package is missing.
        RuntimeError: It cannot be had.
    """
    return pulled(RemoteStorage(url, **settings))


def pull_with_block(block_document_name: str, block_type_slug: str) -> dict[str, str]:
    """Let a block copy its folder into one below this one.

    Args:
        block_document_name: The block's name.
        block_type_slug: Its type.

    Raises:
        ValueError: There is no such block, or it has no `get_directory`.
    """
    from lictor.sdk.block import Block, UnknownBlockType  # noqa: PLC0415  # other steps do without pydantic

    try:
        block = settled(Block.load(f"{block_type_slug}/{block_document_name}"))
    except UnknownBlockType as error:
        raise ValueError(str(error)) from error
    return pulled(BlockStorageAdapter(block))


def pulled(storage: Pulled) -> dict[str, str]:
    """Get the code of a place; return the folder that it is in, seen from this one."""
    storage.pull()
    return {"directory": storage.name}


def run_shell_script(
    script: str,
    directory: str | None = None,
    env: Mapping[str, str] | None = None,
    stream_output: bool = True,
    expand_env_vars: bool = False,
) -> dict[str, str]:
    """Run commands, a line each, without a shell; return what they print as `stdout` and `stderr`.

    Args:
        script: The commands.
        directory: The folder that they run in.
        env: Environment variables beside this process's.
        stream_output: Whether what they print is shown.
        expand_env_vars: Whether `$NAME` in them stands for a variable's value.

    Raises:
        EntrypointError: One of them failed.
    """
    printed: dict[str, list[str]] = {"stdout": [], "stderr": []}
    environment = {**os.environ, **(env or {})}
    for line in filter(None, map(str.strip, script.splitlines())):
        words = shlex.split(os.path.expandvars(line) if expand_env_vars else line, comments=True)
        if not words:
            continue
        code, *texts = followed(words, directory, environment, stream_output)
        for name, text in zip(printed, texts, strict=True):
            printed[name].append(text)
        if code:
            wrong = texts[1].strip()
            raise EntrypointError(f"'{line}' ended with exit code {code}" + (f": {wrong}" if wrong else "."))
    return {name: "".join(texts).strip() for name, texts in printed.items()}


def followed(
    words: list[str], directory: str | None, environment: Mapping[str, str], show: bool
) -> tuple[int, str, str]:
    """Run a command, and show what it prints as it comes; return its exit code, and what it printed on both ways."""
    pipe = subprocess.PIPE
    with (
        ThreadPoolExecutor(2) as readers,
        subprocess.Popen(  # noqa: S603 - what users give to be run
            words, cwd=directory, env=environment, stdout=pipe, stderr=pipe, text=True, errors="replace"
        ) as process,
    ):
        said = [
            readers.submit(read_through, stream, shown if show else None)
            for stream, shown in ((process.stdout, sys.stdout), (process.stderr, sys.stderr))
        ]
        texts = [each.result() for each in said]
    return process.returncode, texts[0], texts[1]


def read_through(stream: IO[str] | None, shown: TextIO | None) -> str:
    """Return what comes through a pipe; show each line when it comes."""
    lines = []
    for line in stream or ():
        lines.append(line)
        if shown is not None:
            print(line, end="", file=shown, flush=True)
    return "".join(lines)


def pip_install_requirements(
    directory: str | None = None, requirements_file: str = "requirements.txt", stream_output: bool = True
) -> dict[str, str]:
    """Install what a requirements file names into this Python.

    Args:
        directory: The folder of the file; by default this one.
        requirements_file: Its name.
        stream_output: Whether what pip prints is shown.

    Raises:
        EntrypointError: pip failed.
    """
    command = shlex.join([sys.executable, "-m", "pip", "install", "-r", requirements_file])
    return run_shell_script(command, directory, stream_output=stream_output)
