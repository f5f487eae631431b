"""`lictor artifact`: what runs left for people to look at."""

from __future__ import annotations

from uuid import UUID

import click

from lictor.cli.asking import UUIDText, ask
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import ago, details_table, list_table, show
from lictor.wire.filters import ArtifactFilter, ArtifactFilterKey
from lictor.wire.operations import artifact as operations
from lictor.wire.types.artifact import Artifact, ArtifactCollection, ArtifactCollectionSort, ArtifactSort

PAGE = 200


@click.group()
def artifact() -> None:
    """Look at artifacts, and delete them."""


@artifact.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=100, show_default=True, help="How many, by key.")
@click.option("--all", "-a", "every", is_flag=True, help="List every version, not the latest of each key alone.")
@output
def ls(limit: int, every: bool, output: str) -> None:
    """List the latest artifact of each key, or all artifacts.

    Example: lictor artifact ls --all
    """
    found: list[Artifact] | list[ArtifactCollection]
    if every:
        found = ask(operations.FILTER(operations.ReadArtifacts(limit=limit, sort=ArtifactSort.KEY_ASC)))
    else:
        body = operations.ReadLatestArtifacts(limit=limit, sort=ArtifactCollectionSort.KEY_ASC)
        found = ask(operations.FILTER_LATEST(body))
    if output == "json":
        print_json(found)
    elif found:
        rows = [[str(id_of(each)), each.key or "", each.type or "", ago(each.updated)] for each in found]
        show(list_table(("ID", "Key", "Type", "Updated"), rows))
    else:
        click.echo("There are no artifacts with a key yet." if not every else "There are no artifacts yet.")


@artifact.command()
@click.argument("key")
@click.option("--limit", type=click.IntRange(1, PAGE), default=10, show_default=True, help="How many, latest first.")
@output
def inspect(key: str, limit: int, output: str) -> None:
    """Show the artifacts of a key, the one that was changed last first.

    Example: lictor artifact inspect quality-report --output json
    """
    found = of_key(key, limit)
    if output == "json":
        print_json(found)
        return
    for each in found:
        values = {name: getattr(each, name) for name in ("id", "type", "description", "flow_run_id", "task_run_id")}
        times = {"created": ago(each.created), "updated": ago(each.updated)}
        show(details_table(key, {**values, **times, "data": bytes(each.data).decode()}))


@artifact.command()
@click.argument("key", required=False)
@click.option("--id", "artifact_id", type=UUIDText("artifact"), help="Delete this one alone.")
@output
def delete(key: str | None, artifact_id: UUID | None, output: str) -> None:
    """Delete every artifact of a key, or a single one.

    Example: lictor artifact delete quality-report
    """
    if (key is None) == (artifact_id is None):
        raise click.UsageError("Say which: a key, or an id with --id.")
    if artifact_id is not None:
        ask(operations.DELETE(id=artifact_id), f"There is no artifact {artifact_id}")
        report(output, {"deleted": [{"id": artifact_id}]}, f"Artifact {artifact_id} is deleted.")
        return
    deleted: list[dict[str, object]] = []
    found = of_key(str(key), PAGE)
    while found:
        for each in found:
            ask(operations.DELETE(id=each.id))
        deleted += [{"id": each.id, "key": key} for each in found]
        found = ask(operations.FILTER(sought(str(key), PAGE)))
    several = "s" if len(deleted) > 1 else ""
    report(output, {"deleted": deleted}, f"Deleted {len(deleted)} artifact{several} with the key '{key}'.")


def sought(key: str, limit: int) -> operations.ReadArtifacts:
    """Return what asks for the artifacts of a key."""
    of = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
    return operations.ReadArtifacts(artifacts=of, sort=ArtifactSort.UPDATED_DESC, limit=limit)


def of_key(key: str, limit: int) -> list[Artifact]:
    """Return the artifacts of a key; there must be one."""
    found = ask(operations.FILTER(sought(key, limit)))
    if not found:
        raise click.ClickException(f"There is no artifact with the key '{key}' on this server.")
    return found


def id_of(found: Artifact | ArtifactCollection) -> UUID:
    """Return the id by which an artifact is deleted."""
    return found.latest_id if isinstance(found, ArtifactCollection) else found.id
