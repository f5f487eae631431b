"""Steps that make a flow's code available before it runs, as deployments and project files say them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lictor.client.connection import connection
from lictor.engine.errors import EntrypointError
from lictor.kit.git import GitError, clone
from lictor.sdk.api.method import carry
from lictor.sdk.templating import fill, resolve

PACKAGES = ("prefect.deployments.steps.", "lictor.deployments.steps.")
BESIDE = frozenset({"id", "requires"})
"""What a step says beside its inputs: the name of its outputs, and what is to be installed for it."""


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
        credentials: `username` and `password`, or `token`, in place of an access token.
        directories: The only folders to check out.
        clone_directory_name: The folder's name.

    Raises:
        GitError: It cannot be cloned.
    """
    stem = Path(repository.rstrip("/")).name.removesuffix(".git")
    name = clone_directory_name or "-".join(filter(None, (stem, (branch or "").replace("/", "-"))))
    clone(
        repository,
        Path(name),
        branch=branch,
        commit=commit_sha,
        submodules=include_submodules,
        directories=directories,
        login=login_of(access_token, credentials or {}),
    )
    return {"directory": name}


def login_of(token: str | None, credentials: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the user and the password that a token or credentials stand for."""
    secret = token or credentials.get("token") or credentials.get("password")
    return None if secret is None else (str(credentials.get("username") or "git"), str(secret))


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
        done = subprocess.run(  # noqa: S603 - what users give to be run
            words, cwd=directory, env=environment, check=False, capture_output=True, text=True
        )
        for name, text in (("stdout", done.stdout), ("stderr", done.stderr)):
            printed[name].append(text)
            if stream_output:
                print(text, end="", file=getattr(sys, name))
        if done.returncode:
            raise EntrypointError(f"'{line}' ended with exit code {done.returncode}: {done.stderr.strip()}")
    return {name: "".join(texts).strip() for name, texts in printed.items()}


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


STEPS: dict[str, Callable[..., dict[str, str]]] = {
    each.__name__: each for each in (git_clone, pip_install_requirements, run_shell_script, set_working_directory)
}
"""By the last part of their names."""


def run_steps(steps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Carry out steps one after the other, and go into the folder that the last one names; return all outputs by id.

    Inputs may name outputs of earlier steps, `{{ id.name }}`, and variables, blocks and the environment.

    Raises:
        EntrypointError: A step is not known, or fails.
    """
    outputs: dict[str, Any] = {}
    for step in steps:
        for name, said in step.items():
            made = run_step(name, dict(said or {}), outputs)
            directory = made.get("directory")
            if directory and name.rpartition(".")[2] != "set_working_directory":
                os.chdir(directory)
    return outputs


def run_step(name: str, said: dict[str, Any], outputs: dict[str, Any]) -> dict[str, str]:
    """Carry out one step."""
    prefix, last = name[: name.rfind(".") + 1], name.rpartition(".")[2]
    function = STEPS.get(last) if prefix in PACKAGES else None
    if function is None:
        known = ", ".join(sorted(STEPS))
        raise EntrypointError(f"the step '{name}' is not known; known are {known} of lictor.deployments.steps.")
    key = said.pop("id", None)
    said.pop("requires", None)
    try:
        inputs = carry(connection().client, resolve(fill(said, lambda each: output_of(each, outputs))))
        made = function(**inputs)
    except (GitError, OSError, TypeError, ValueError) as error:
        raise EntrypointError(f"the step '{name}' failed: {error}") from error
    if key is not None:
        outputs[str(key)] = made
    return made


def output_of(name: str, outputs: Mapping[str, Any]) -> Any:
    """Return what an earlier step gave, or the placeholder as it is."""
    key, _, part = name.partition(".")
    return outputs.get(key, {}).get(part, f"{{{{ {name} }}}}")
