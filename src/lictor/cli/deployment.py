"""`lictor deployment`: flows that the server can start, by hand or by schedules."""

from __future__ import annotations

from uuid import UUID

import click
from msgspec import structs

from lictor.cli.asking import ask, ask_all
from lictor.cli.confirming import confirm, yes_option
from lictor.cli.deployment_backfill import backfill
from lictor.cli.deployment_name import find, full_name, missing, one_deployment, properties_of
from lictor.cli.deployment_run import run
from lictor.cli.deployment_schedule import policies_of, schedule, schedule_table
from lictor.cli.flow import flows_of
from lictor.cli.json_values import kind_of
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import ago, details_table, in_words, list_table, moment, show
from lictor.kit.json import decode_any, encode
from lictor.wire import filters
from lictor.wire.operations import deployment as operations
from lictor.wire.types.deployment import ConcurrencyLimitStrategy, Deployment, DeploymentSort

BEYOND = {ConcurrencyLimitStrategy.ENQUEUE: "wait", ConcurrencyLimitStrategy.CANCEL_NEW: "are cancelled"}


@click.group()
def deployment() -> None:
    """Look at deployments, run them, and keep their schedules."""


deployment.add_command(backfill)
deployment.add_command(run)
deployment.add_command(schedule)


@deployment.command()
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option("--flow-name", "--flow_name", multiple=True, help="Only deployments of this flow (repeatable).")
@click.option("--work-pool", multiple=True, help="Only those whose runs wait in this work pool (repeatable).")
@click.option("--tag", multiple=True, help="Only those with this tag; of several they have all (repeatable).")
@click.option("--by-created", is_flag=True, help="List the newest first, not by name.")
@output
def ls(
    flows: tuple[str, ...],
    flow_name: tuple[str, ...],
    work_pool: tuple[str, ...],
    tag: tuple[str, ...],
    by_created: bool,
    output: str,
) -> None:
    """List deployments, by name.

    \b
    Example: lictor deployment ls
             lictor deployment ls hello report --work-pool machines --by-created
    """
    body = operations.ReadDeployments(
        flows=filters.FlowFilter(name=filters.FlowFilterName(any_=[*flows, *flow_name]))
        if flows or flow_name
        else None,
        work_pools=filters.WorkPoolFilter(name=filters.WorkPoolFilterName(any_=list(work_pool))) if work_pool else None,
        deployments=filters.DeploymentFilter(tags=filters.DeploymentFilterTags(all_=list(tag))) if tag else None,
        sort=DeploymentSort.CREATED_DESC if by_created else DeploymentSort.NAME_ASC,
    )
    found = ask_all(lambda offset: operations.FILTER(structs.replace(body, offset=offset)))
    names = {key: each.name for key, each in flows_of(each.flow_id for each in found).items()}
    if not by_created:
        found.sort(key=lambda each: (names.get(each.flow_id, ""), each.name))
    if output == "json":
        print_json(found)
    elif found:
        rows = [row(each, f"{names.get(each.flow_id, each.flow_id)}/{each.name}") for each in found]
        show(list_table(("Deployment", "Work pool", "Status", "Schedules", "Created"), rows))
    elif body == operations.ReadDeployments(sort=body.sort):
        click.echo("There are no deployments yet.")
    else:
        click.echo("No deployments match.")


def row(found: Deployment, name: str) -> list[str]:
    """Return a deployment as a row."""
    number, active = len(found.schedules), sum(each.active for each in found.schedules)
    schedules = str(number or "") if active == number else f"{active} of {number}"
    return [name, found.work_pool_name or "", status(found), schedules, ago(found.created)]


def status(found: Deployment) -> str:
    """Return whether a deployment's runs start, in words."""
    return "paused" if found.paused else in_words(found.status)


@deployment.command()
@one_deployment
@output
def inspect(name: str | None, deployment_id: UUID | None, output: str) -> None:
    """Show everything about a deployment, and its schedules.

    Example: lictor deployment inspect hello/production
    """
    found = find(name, deployment_id)
    if output == "json":
        print_json(found)
        return
    show(details_table(f"Deployment '{full_name(found)}'", details(found)))
    parameters = parameter_rows(found)
    if parameters:
        show(list_table(("Parameter", "Type", "Value"), parameters))
    if found.schedules:
        show(schedule_table(found.schedules, policies_of(found)))


def details(found: Deployment) -> dict[str, object]:
    """Return a deployment's fields as they are shown."""
    options = found.concurrency_options
    return {
        "ID": found.id,
        "Status": status(found),
        "Description": found.description,
        "Version": found.version,
        "Tags": ", ".join(found.tags),
        "Work pool": found.work_pool_name,
        "Work queue": found.work_queue_name,
        "Asked for work": ago(found.last_polled),
        "Entrypoint": found.entrypoint,
        "Path": found.path,
        "Pull steps": encode(found.pull_steps).decode() if found.pull_steps else None,
        "Job variables": encode(found.job_variables).decode() if found.job_variables else None,
        "Runs at once": at_once(found),
        "Runs beyond that": None if options is None else BEYOND[options.collision_strategy],
        "Created": moment(found.created),
        "Updated": moment(found.updated),
        "Created by": found.created_by and found.created_by.display_value,
    }


def at_once(found: Deployment) -> str | None:
    """Return how many of a deployment's runs go on at once, and by which limit if it is not its own."""
    limit = found.global_concurrency_limit
    if limit is None:
        return None
    return str(limit.limit) if limit.name == f"deployment:{found.id}" else f"{limit.limit}, by limit '{limit.name}'"


def parameter_rows(found: Deployment) -> list[list[str]]:
    """Return what a deployment's runs take: the name, what it may be, and the value unless a run is given another."""
    needed = decode_any((found.parameter_openapi_schema or {}).get("required", b"[]"))
    rows = []
    for name, said in properties_of(found).items():
        if name in found.parameters:
            value = bytes(found.parameters[name]).decode()
        else:
            value = "needed" if name in needed else encode(said.get("default")).decode()
        rows.append([name, kind_of(said), value])
    return rows


@deployment.command()
@one_deployment
@click.option("--all", "every", is_flag=True, help="Delete all deployments.")
@yes_option
@output
def delete(name: str | None, deployment_id: UUID | None, every: bool, yes: bool, output: str) -> None:
    """Delete a deployment, or all.

    Its schedules and the runs that wait to start go with it; other runs stay.

    \b
    Example: lictor deployment delete hello/production
             lictor deployment delete --all --yes
    """
    if every:
        if name is not None or deployment_id is not None:
            raise click.UsageError("--all deletes every deployment: leave out the name and --id.")
        deleted = delete_all(yes)
        said = f"{len(deleted)} deployment{'' if len(deleted) == 1 else 's'} deleted."
    else:
        found = find(name, deployment_id)
        called = full_name(found)
        confirm(f"Delete the deployment '{called}'?", yes)
        ask(operations.DELETE(id=found.id), missing(called))
        deleted, said = [{"id": found.id, "name": called}], f"Deployment '{called}' is deleted."
    report(output, {"deleted": deleted}, said)


def delete_all(yes: bool) -> list[dict[str, object]]:
    """Delete every deployment and return what was deleted."""
    confirm(f"Delete all {ask(operations.COUNT(operations.CountDeployments()))} deployments?", yes)
    deleted: list[dict[str, object]] = []
    while more := ask(operations.BULK_DELETE(operations.DeleteDeployments())).deleted:
        deleted += [{"id": each} for each in more]
    return deleted


@deployment.command()
@one_deployment
@output
def pause(name: str | None, deployment_id: UUID | None, output: str) -> None:
    """Pause the schedules of a deployment.

    They make no runs, and those go that they have planned. It can still be run by hand.

    Example: lictor deployment pause hello/production
    """
    found = find(name, deployment_id)
    ask(operations.PAUSE(id=found.id), missing(found.id))
    report(output, lambda: find(None, found.id), f"Deployment '{full_name(found)}' is paused.")


@deployment.command()
@one_deployment
@output
def resume(name: str | None, deployment_id: UUID | None, output: str) -> None:
    """Resume the schedules of a deployment.

    Those that are paused by themselves stay so.

    Example: lictor deployment resume hello/production
    """
    found = find(name, deployment_id)
    ask(operations.RESUME(id=found.id), missing(found.id))
    report(output, lambda: find(None, found.id), f"Deployment '{full_name(found)}' goes on.")
