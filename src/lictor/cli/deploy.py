"""`lictor deploy`: makes deployments as a project file says, or options, or who is asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from lictor.cli import deploy_options as options
from lictor.cli.asking import ask, ask_steps
from lictor.cli.deploy_choice import Chosen, chosen
from lictor.cli.deploy_wizard import ask_for_flow, ask_for_name, ask_for_pool, offer_to_save
from lictor.cli.entrypoint import load_flow
from lictor.cli.listing import aside, output, print_json
from lictor.cli.run_table import list_table, show
from lictor.engine.errors import EntrypointError
from lictor.sdk.deployment_steps import without
from lictor.sdk.flow import Flow
from lictor.sdk.project_deployment import Plan, carried_out, planned
from lictor.sdk.project_file import NAME, Project, read_project
from lictor.settings import current, table
from lictor.wire.filters import WorkerFilter, WorkerFilterStatus, WorkPoolFilter, WorkPoolFilterName
from lictor.wire.operations import deployment as deployments
from lictor.wire.operations import root
from lictor.wire.operations import work_pool as work_pools
from lictor.wire.operations import worker as workers
from lictor.wire.types.deployment import Deployment
from lictor.wire.types.worker import WorkerStatus


@dataclass
class Prepared:
    """A deployment that can be made: its plan, and its flow."""

    plan: Plan
    flow: Flow[..., Any]
    new: dict[str, Any] | None = None
    """What would be said of it in the file, if it may not be in there."""

    @property
    def name(self) -> str:
        """Its flow's and its own name."""
        return f"{self.flow.name}/{self.plan.entry['name']}"


@click.command()
@click.argument("entrypoint", required=False, metavar="[FILE:FLOW]")
@click.option("--name", "-n", "names", multiple=True, help="Deploy what the file has under this name (repeatable).")
@click.option("--pattern", "patterns", multiple=True, help="Deploy what the file has under names such as 'nightly-*'.")
@click.option("--all", "every", is_flag=True, help="Deploy all that the file has.")
@click.option(
    "--prefect-file", "file", type=click.Path(path_type=Path), default=NAME, show_default=True, help="The project file."
)
@options.deployment_options
@output
def deploy(
    entrypoint: str | None,
    names: tuple[str, ...],
    patterns: tuple[str, ...],
    every: bool,
    file: Path,
    output: str,
    **given: Any,
) -> None:
    """Make deployments of flows, or change them, as prefect.yaml or options say.

    A NAME may begin with that of the flow's function, FLOW/DEPLOYMENT, and have wildcards: 'nightly-*'. Where the file
    has a single deployment, --name renames it. Without a file, FILE:FLOW, --name and --pool say what is needed; in a
    terminal the command asks for what is missing.

    \b
    Example: lictor deploy --all
             lictor deploy --name nightly --name 'reports/*'
             lictor deploy flows/hello.py:hello --name production --pool machines --cron '0 9 * * mon-fri'
    """
    options.check(given)
    with aside(output), warnings(), plain_errors():
        ask(root.HEALTH())
        project = project_of(file)
        picked = chosen(project, entrypoint, (*names, *patterns), every, patterns)
        ready = prepared(picked, project, entrypoint, given)
        warn_of_doubles(ready)
        made = [made_known(each) for each in ready]
        for each in ready:
            if each.new is not None and not saved(each.new, project):
                offer_to_save(each.new, file)
    if output == "json":
        print_json(made)
    else:
        tell(ready, made)


def project_of(file: Path) -> Project:
    """Return what the project file says; without one of the usual name, nothing."""
    if str(file) == NAME and not file.exists():
        return Project(file)
    project = read_project(file)
    for each in project.warnings:
        click.echo(f"Warning: {each}", err=True)
    return project


def prepared(
    picked: Sequence[Chosen], project: Project, entrypoint: str | None, given: Mapping[str, Any]
) -> list[Prepared]:
    """Return the deployments with their flows and pools found: what is wrong with one is said before any is made."""
    ignored = options.names_of(given) + (["FILE:FLOW"] if entrypoint else [])
    if len(picked) > 1 and ignored:
        click.echo(f"Warning: {', '.join(ignored)} is for a single deployment; several are made without it.", err=True)
    return [
        prepare(each, project.actions, entrypoint, given) if len(picked) == 1 else prepare(each, project.actions)
        for each in picked
    ]


def prepare(
    picked: Chosen, actions: Mapping[str, Any], entrypoint: str | None = None, given: Mapping[str, Any] | None = None
) -> Prepared:
    """Return one deployment with its flow and its pool found; in a terminal, ask for what is missing."""
    entry, variables = (dict(picked.entry), {}) if given is None else options.laid_over(picked.entry, given)
    if picked.name is not None:
        entry["name"] = picked.name
    if entrypoint is not None:
        entry["entrypoint"] = entrypoint
    plan: Plan = ask_steps(planned(entry, actions, variables))
    said = plan.entry
    if not said.get("entrypoint"):
        said["entrypoint"] = ask_for_flow(picked.label)
    if not said.get("name"):
        said["name"] = ask_for_name(said["entrypoint"])
    pool = said["work_pool"] = dict(as_mapping(said.get("work_pool"), said["name"]))
    pool["name"] = plan.pool or current()[table.DEPLOYMENTS_DEFAULT_WORK_POOL_NAME] or ask_for_pool(said["name"])
    find_pool(pool["name"], said["name"])
    flow = load_flow(said["entrypoint"])
    if said.get("flow_name") not in {None, "", flow.name}:
        click.echo(
            f"Warning: flow_name '{said['flow_name']}' has no effect: the flow is called '{flow.name}'.", err=True
        )
    return Prepared(plan, flow, as_written(entry, said))


def as_mapping(pool: Any, name: str) -> Mapping[str, Any]:
    """Return what is said of a work pool, which outputs of steps cannot say."""
    if not isinstance(pool, Mapping | None):
        raise click.ClickException(f"Deployment '{name}': work_pool: write its fields, such as 'name:', below it.")
    return pool or {}


def as_written(entry: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file would say of a deployment: its placeholders, and what was asked for."""
    given = {name: value for name, value in entry.items() if value}
    pool = given["work_pool"] if isinstance(given.get("work_pool"), Mapping) else {}
    names = {"name": said["name"], "entrypoint": said["entrypoint"]}
    return {**names, **given, "work_pool": {**pool, "name": pool.get("name") or said["work_pool"]["name"]}}


def saved(entry: Mapping[str, Any], project: Project) -> bool:
    """Tell whether the project file has a deployment with a name and an entrypoint."""
    names = ("name", "entrypoint")
    return any([each.get(name) for name in names] == [entry[name] for name in names] for each in project.deployments)


def warn_of_doubles(ready: Sequence[Prepared]) -> None:
    """Say which names several deployments have: of those the last one stays."""
    names = [each.name for each in ready]
    for name in sorted({each for each in names if names.count(each) > 1}):
        click.echo(f"Warning: {names.count(name)} deployments are called '{name}'; the last one stays.", err=True)


def find_pool(name: str, deployment: str) -> None:
    """Refuse a work pool that is not there."""
    sought = WorkPoolFilter(name=WorkPoolFilterName(any_=[name]))
    if not ask(work_pools.FILTER(work_pools.ReadWorkPools(work_pools=sought))):
        raise click.ClickException(
            f"Deployment '{deployment}' is for work pool '{name}', which does not exist. Make it: "
            f"lictor work-pool create {name} --type process"
        )


def made_known(ready: Prepared) -> Deployment:
    """Make a deployment, and return it as the server has it."""
    click.echo(f"Deploying '{ready.name}'")
    wanted = carried_out(ready.plan, ready.flow, lambda step: click.echo(f"  {step}"))
    try:
        key: UUID = ask_steps(wanted.made_known())
    except click.ClickException as refused:
        raise click.ClickException(
            f"Deployment '{ready.name}': {without(refused.message, ready.plan.secrets)}"
        ) from None
    return ask(deployments.READ(id=key))


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say in a line what is wrong with a file, a step, or an entrypoint."""
    try:
        yield
    except (ValueError, EntrypointError) as error:
        text = str(error)
        begins = text[:1].upper() if text.startswith("the step ") else text[:1]
        raise click.ClickException(begins + text[1:]) from None


LOGGERS = ("lictor.deploy", "lictor.deployment_steps")


class Warnings(logging.Handler):
    """Prints what the SDK warns of."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one."""
        click.echo(f"Warning: {record.getMessage()}", err=True)


@contextmanager
def warnings() -> Iterator[None]:
    """Print what the SDK warns of while deployments are made."""
    handler, loggers = Warnings(logging.WARNING), [logging.getLogger(each) for each in LOGGERS]
    before = [each.propagate for each in loggers]
    for each in loggers:
        each.addHandler(handler)
        each.propagate = False
    try:
        yield
    finally:
        for each, propagated in zip(loggers, before, strict=True):
            each.removeHandler(handler)
            each.propagate = propagated


def tell(ready: Sequence[Prepared], made: Sequence[Deployment]) -> None:
    """Show what was made, and say how to run it."""
    rows = [
        [one.name, each.work_pool_name or "", str(len(each.schedules) or ""), each.version or "", str(each.id)]
        for one, each in zip(ready, made, strict=True)
    ]
    show(list_table(("Deployment", "Work pool", "Schedules", "Version", "ID"), rows))
    click.echo(f"Start a run with: lictor deployment run '{ready[0].name}'")
    for pool in dict.fromkeys(each.work_pool_name for each in made):
        if pool is not None and not working(pool):
            click.echo(f"No worker runs it yet: lictor worker start --pool {pool}")


def working(pool: str) -> bool:
    """Tell whether a worker of a pool is there."""
    online = WorkerFilter(status=WorkerFilterStatus(any_=[WorkerStatus.ONLINE]))
    return bool(ask(workers.FILTER(workers.ReadWorkers(workers=online), work_pool_name=pool)))
