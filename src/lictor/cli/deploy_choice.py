"""Which of a project file's deployments `lictor deploy` makes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from lictor.cli.confirming import can_ask
from lictor.cli.deploy_wizard import ask_which
from lictor.sdk.project_file import Project


@dataclass
class Chosen:
    """A deployment to make: what the file says of it, and the name that was given for it in place of its own."""

    entry: Mapping[str, Any]
    name: str | None = None

    @property
    def label(self) -> str:
        """What it is called as long as it may have no name."""
        name = self.name or self.entry.get("name")
        return f"Deployment '{name}'" if name else "The deployment"


def chosen(
    project: Project, entrypoint: str | None, names: Sequence[str], every: bool, patterns: Sequence[str] = ()
) -> list[Chosen]:
    """Return the deployments that are asked for.

    Args:
        project: What the project file says.
        entrypoint: Where the flow of a deployment is, which need not be in the file.
        names: The names that are asked for; with wildcards they may match several.
        every: Whether all are asked for.
        patterns: Those of the names that have to match something.
    """
    if every and names:
        raise click.UsageError("--all deploys all that the file has: leave out --name and --pattern.")
    there = project.deployments
    if every and not there:
        raise click.ClickException(f"--all: {project.file} has no deployments.")
    wild = any("*" in each for each in names) or bool(patterns)
    if every:
        return [Chosen(each) for each in there if named(each)]
    if names and (wild or len(names) > 1 or len(there) > 1):
        found = [each for name in names for each in matching(project, name, entrypoint, alone=len(names) == 1)]
        return list({id(each.entry): each for each in found}.values())
    if len(there) <= 1:
        return [Chosen(there[0] if there else {}, own_name(names[0]) if names else None)]
    if can_ask():
        picked = ask_which(there)
        return [Chosen({} if picked is None else there[picked])]
    raise click.ClickException(
        f"Say which deployment of {project.file}: --name with one of {known(project)}, or --all."
    )


def named(entry: Mapping[str, Any]) -> bool:
    """Tell whether a deployment has a name; say that it is left out if it has none."""
    if not entry.get("name"):
        flow = f" of {entry['entrypoint']}" if entry.get("entrypoint") else ""
        click.echo(f"Warning: a deployment{flow} has no name; it is left out.", err=True)
    return bool(entry.get("name"))


def own_name(name: str) -> str:
    """Return a deployment's name without its flow's."""
    return name.rpartition("/")[2]


def matching(project: Project, name: str, entrypoint: str | None, *, alone: bool) -> list[Chosen]:
    """Return the deployments with a name, or those that a pattern matches; or a new one, whose flow is named."""
    flow, _, own = name.rpartition("/")
    found = [
        Chosen(each)
        for each in project.deployments
        if fits(str(each.get("name") or ""), own) and (not flow or any(fits(one, flow) for one in flows(each)))
    ]
    if found:
        return found
    if "*" in name or entrypoint is None or not alone:
        raise click.ClickException(f"{project.file} has no deployment '{name}'; it has {known(project)}.")
    return [Chosen({}, own)]


def fits(name: str, pattern: str) -> bool:
    """Tell whether a name is a pattern's, in which * stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def flows(entry: Mapping[str, Any]) -> list[str]:
    """Return what a deployment's flow may be called: as the file says, or as its function is, with hyphens, too."""
    function = str(entry.get("entrypoint") or "").rpartition(":")[2].rpartition(".")[2]
    return [function, function.replace("_", "-"), str(entry.get("flow_name") or "")]


def known(project: Project) -> str:
    """Return the names of a file's deployments."""
    return ", ".join(f"'{each['name']}'" for each in project.deployments if each.get("name")) or "none with a name"
