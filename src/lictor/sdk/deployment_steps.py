"""Carries out the steps of deployments and project files: finds them by name, fills their inputs in, keeps outputs."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lictor.client.connection import connection
from lictor.client.errors import ClientError
from lictor.engine.drive import settled
from lictor.engine.errors import EntrypointError
from lictor.kit.git import GitError
from lictor.kit.masking import LEAST, MASK
from lictor.sdk import known_steps
from lictor.sdk.api.method import carry
from lictor.sdk.repository import SECRETIVE
from lictor.sdk.templating import BLOCK, ENVIRONMENT, MISSING, at, fill, names_in, values_of

logger = logging.getLogger("lictor.deployment_steps")

OURS = "lictor.deployments.steps"
PACKAGED = re.compile(r"(?:prefect|lictor|prefect_\w+)\.deployments\.steps\.(?:\w+\.)*(\w+)")
"""Names that users' files have: steps of these packages are ours where there is one of that name."""
PREFECT = re.compile(r"prefect([-_].*)?", re.IGNORECASE)
PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
TOLD = (EntrypointError, GitError, ImportError, OSError, RuntimeError, TypeError, ValueError)
"""What a step may raise that says by itself what was wrong."""

Tell = Callable[[str], object]


def silent(said: str) -> None:
    """Tell nobody."""


def run_steps(
    steps: Iterable[Mapping[str, Any] | None],
    outputs: Mapping[str, Any] | None = None,
    *,
    enter: bool = True,
    tell: Tell = silent,
) -> dict[str, Any]:
    """Carry out steps one after the other; return all outputs, by the step's id and by themselves.

    Inputs may name outputs of earlier steps, `{{ id.name }}`, and variables, blocks and the environment.

    Args:
        steps: Each the full name of a function, with its inputs.
        outputs: Those that there are already.
        enter: Whether to go into the folder that a step names last, when all are done, as where code is pulled.
        tell: Is called with what each step does before it does it.

    Raises:
        EntrypointError: A step is not known, or fails.
    """
    found, folder = dict(outputs or {}), None
    for step in filter(None, steps):
        name, said = named(step)
        tell(name.rpartition(".")[2])
        made = run_step(step, found)
        if not isinstance(made, Mapping):
            continue
        if said.get("id") is not None:
            found[str(said["id"])] = made
        found.update(made)
        if made.get("directory"):
            folder = None if name.rpartition(".")[2] == "set_working_directory" else made["directory"]
    if enter and folder is not None:
        os.chdir(folder)
    return found


def named(step: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a step's name and what it says."""
    (name, said), *further = step.items()
    if further:
        raise EntrypointError(f"the step '{name}' is followed by '{further[0][0]}' in one item: begin each with '-'.")
    if not isinstance(said or {}, Mapping):
        raise EntrypointError(f"the step '{name}' has no inputs by name.")
    return str(name), dict(said or {})


def run_step(step: Mapping[str, Any], upstream_outputs: Mapping[str, Any] | None = None) -> Any:
    """Carry out one step, `{"full.name.of.a.function": {"input": …}}`; return what it returns.

    Args:
        step: The step. Beside inputs it may say `requires`: packages that are installed if they are missing.
        upstream_outputs: What its inputs may name.

    Raises:
        EntrypointError: The step is not known, or fails.
    """
    name, said = named(step)
    said.pop("id", None)
    function = function_of(name, said.pop("requires", None))
    secrets: list[str] = []
    try:
        values = carry(connection().client, values_of(names_in(said)))
        secrets = secrets_of(values)
        inputs = fill(said, lambda each: value_of(each, values, upstream_outputs or {}, name), "")
        return settled(function(**inputs))
    except ClientError:
        raise
    except Exception as error:  # any function may be a step
        text = str(error) if isinstance(error, TOLD) else f"{type(error).__name__}: {error}"
        raise EntrypointError(f"the step '{name}' failed: {without(text, secrets)}") from error


def secrets_of(values: Mapping[str, Any]) -> list[str]:
    """Return what is secret among values, as texts, the longest first.

    That is all that blocks hold, and what variables of the environment do whose names say so, such as `$MY_TOKEN`.
    """

    def held(value: Any) -> Iterable[str]:
        if isinstance(value, Mapping | list):
            for each in value.values() if isinstance(value, Mapping) else value:
                yield from held(each)
        elif value is not None:
            yield str(value)

    found = {each for name, value in values.items() if is_secret(name) for each in held(value)}
    return sorted(found, key=len, reverse=True)


def is_secret(name: str) -> bool:
    """Tell whether a placeholder of this name stands for a secret."""
    return name.startswith(BLOCK) or (name.startswith(ENVIRONMENT) and SECRETIVE.fullmatch(name[1:]) is not None)


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text with a mask in place of each secret."""
    for each in secrets:
        text = text.replace(each, MASK) if len(each) >= LEAST else text
    return text


def value_of(name: str, values: Mapping[str, Any], outputs: Mapping[str, Any], step: str) -> Any:
    """Return the value of a placeholder in a step: one of `values`, or what an earlier step gave, or MISSING."""
    found = values[name] if name in values else at(outputs, name)
    if found is MISSING:
        logger.warning("The step '%s' uses {{ %s }}, which no earlier step gives: it is left out.", step, name)
    return found


def function_of(name: str, requires: Any = None) -> Callable[..., Any]:
    """Return the function that a step names; install what it requires if that is missing."""
    packaged = PACKAGED.fullmatch(name)
    ours = getattr(known_steps, packaged[1], None) if packaged and packaged[1] in known_steps.__all__ else None
    install([each for each in packages(requires) if not (ours and PREFECT.fullmatch(bare(each)))])
    if ours is not None:
        return ours  # type: ignore[no-any-return]
    module, _, function = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise EntrypointError(f"the step '{name}' is not known: {error}. {hint(packaged)}") from error
    if not callable(found):
        raise EntrypointError(f"the step '{name}' is no function.")
    return found  # type: ignore[no-any-return]


def hint(packaged: re.Match[str] | None) -> str:
    """Return what to do about a step that is not known."""
    if packaged is None:
        return "Give the full name of a function that can be imported; `requires` names a package to install for it."
    known = ", ".join(known_steps.__all__)
    return f"Known are {known} of {OURS}."


def packages(requires: Any) -> list[str]:
    """Return the packages that a step requires, one or several."""
    several = [requires] if isinstance(requires, str) else requires or []
    if not isinstance(several, list) or not all(isinstance(each, str) for each in several):
        raise EntrypointError("`requires` of a step is a package, or a list of packages.")
    return several


def bare(package: str) -> str:
    """Return a package's name without its version."""
    found = PACKAGE.match(package.strip())
    if found is None:
        raise EntrypointError(f"`requires` of a step: '{package}' names no package.")
    return found[0]


def install(wanted: list[str]) -> None:
    """Install those packages that are missing into this Python."""
    missing = [each for each in wanted if importlib.util.find_spec(bare(each).replace("-", "_").split(".")[0]) is None]
    if not missing:
        return
    done = subprocess.run(  # noqa: S603 - what users give to be installed
        [sys.executable, "-m", "pip", "install", "--quiet", "--", *missing], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise EntrypointError(f"{', '.join(missing)} cannot be installed: {done.stderr.strip() or done.stdout.strip()}")
    importlib.invalidate_caches()
