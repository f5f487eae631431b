"""`lictor server database`: looks after the server's database."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from lictor.cli.confirming import confirm_always, yes_option
from lictor.cli.listing import output, print_json, report
from lictor.cli.statistics import as_json, in_bytes, show
from lictor.kit.clock import now
from lictor.orchestration.retention import cutoffs
from lictor.settings import Settings, current
from lictor.store import backup as copies
from lictor.store import file, opening, statistics
from lictor.store.address import Postgres, database_place
from lictor.store.keyring import Keyring
from lictor.store.migrate import newest
from lictor.store.transaction import StoreError


@click.group()
def database() -> None:
    """Look after the server's database.

    It is the one that PREFECT_SERVER_DATABASE_CONNECTION_URL names, $PREFECT_HOME/lictor.db by default.
    """


@contextmanager
def foreseen() -> Iterator[None]:
    """Turn what the database refuses into one line that says what to do."""
    try:
        yield
    except StoreError as error:
        raise click.ClickException(str(error)) from None


def place_of(settings: Settings) -> str | Postgres:
    """Return where the database is."""
    with foreseen():
        return database_place(settings)


def name_of(place: str | Postgres) -> str:
    """Return what messages call a database."""
    return place if isinstance(place, str) else place.name


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show on stderr how far work is that tells how much is done and how much there is."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def told(done: int, everything: int) -> None:
            bar.length = max(everything, 1)
            bar.update(done - bar.pos)

        yield told


@database.command()
@click.option("--yes", "-y", is_flag=True, help="Without effect: it does not ask.")
@output
def upgrade(yes: bool, output: str) -> None:
    """Bring the database to this version's schema; it is made if it is not there.

    The server does the same when it starts, unless PREFECT_SERVER_DATABASE_MIGRATE_ON_START is false. There is no way
    back but a backup: make one before.

    Example: lictor server database upgrade
    """
    place = place_of(current())
    with foreseen():
        before, after = asyncio.run(opening.upgrade(place))
    said = f"has schema {after} already" if before == after else f"is upgraded from schema {before} to {after}"
    value = {"database": name_of(place), "schema": after, "schema_before": before}
    report(output, value, f"{name_of(place)} {said}.")


@database.command()
@click.argument("revision")
@yes_option
@output
def stamp(revision: str, yes: bool, output: str) -> None:
    """Say that the database has a schema, without changing its tables.

    REVISION is the number of a schema, or head for this version's. Only for a database whose tables were mended by
    hand: with a wrong number the server will not work.

    Example: lictor server database stamp head
    """
    number = newest() if revision == "head" else int(revision) if revision.isdecimal() else 0
    if not 1 <= number <= newest():
        raise click.ClickException(f"'{revision}' is no schema: give a number from 1 to {newest()}, or head.")
    place = place_of(current())
    confirm_always(f"Say that {name_of(place)} has schema {number}, whatever its tables are?", yes)
    with foreseen():
        changed = asyncio.run(opening.stamp(place, number))
    value = {"database": name_of(place), "schema": number, "schema_before": changed.before}
    report(output, value, f"{name_of(place)} counts as schema {number} now; before it was {changed.before}.")


@database.command()
@yes_option
@output
def reset(yes: bool, output: str) -> None:
    """Remove everything from the database: flows, runs, logs, events, all.

    Refused while a server uses it. Make a backup before: nothing brings the rows back.

    Example: lictor server database reset -y
    """
    place = place_of(current())
    confirm_always(f"Remove everything from {name_of(place)}?", yes)
    with foreseen():
        asyncio.run(opening.reset(place))
    report(output, {"database": name_of(place), "empty": True}, f"{name_of(place)} is empty.")


@database.command()
@click.option("--quick", is_flag=True, help="Do not measure the tables: their sizes are read from the whole file.")
@output
def stats(quick: bool, output: str) -> None:
    """Tell how large the database is, how fast it grows, and what retention will remove.

    Growth is that of the last seven days, by when the server got the rows. May be run while a server is at work.

    Example: lictor server database stats --output json
    """
    settings = current()
    place, moment = place_of(settings), now()
    limits = cutoffs(settings, moment)
    before = {name: limit.before for name, limit in limits.items()}
    with foreseen():
        found = asyncio.run(opening.look(place, settings, statistics.read, moment, before, not quick))
    on = {name: limit.on for name, limit in limits.items()}
    if output == "json":
        print_json(as_json(name_of(place), found, on))
    else:
        show(name_of(place), found, on)


@database.command()
@click.argument("path", type=click.Path(dir_okay=False))
@output
def backup(path: str, output: str) -> None:
    """Copy the database to the file PATH, while a server is at work or not.

    The copy holds what was committed at the beginning, is checked, and can be read by its owner alone. Of PostgreSQL it
    tells the command that makes a backup.

    Example: lictor server database backup lictor-backup.db
    """
    place = place_of(current())
    if not isinstance(place, str):
        raise click.ClickException(f"PostgreSQL brings its own program for backups. Run: {dump(place, path)}")
    with foreseen(), progress("Copying") as told:
        number = copies.back_up(place, path, told)
    value = {"database": place, "backup": path, "schema": number}
    report(output, value, f"{path} holds {place} (schema {number}) and is checked.")
    keyring = Keyring(current())
    with foreseen():
        if keyring.known():
            click.echo(
                f"Its block documents open with the key in {keyring.place} alone: keep a copy of it, elsewhere.",
                err=True,
            )


@database.command()
@click.argument("path", type=click.Path(dir_okay=False))
@yes_option
@output
def restore(path: str, yes: bool, output: str) -> None:
    """Put the backup PATH in the place of the database.

    Refused while a server uses it. What was there is kept beside it under another name. A backup of an older version
    is upgraded when the server starts.

    Example: lictor server database restore lictor-backup.db
    """
    place = place_of(current())
    if not isinstance(place, str):
        raise click.ClickException(
            f"PostgreSQL brings its own program for that; stop all servers before. Run: {dump(place, path, back=True)}"
        )
    confirm_always(f"Put {path} in the place of {place}?", yes)
    with foreseen(), progress("Restoring") as told:
        kept = copies.restore(place, path, now(), told)
    said = f"{place} is restored from {path}." + (f" What was there is now {kept}." if kept else "")
    report(output, {"database": place, "backup": path, "kept": kept}, said)


@database.command()
@output
def vacuum(output: str) -> None:
    """Write the database anew without its free space, and give that back to the system.

    Refused while a server uses it. It needs as much free space on the disk as the database takes. A database that an
    early version made gives space back by itself from then on. PostgreSQL does it by itself.

    Example: lictor server database vacuum
    """
    place = place_of(current())
    if not isinstance(place, str):
        raise click.ClickException(
            "PostgreSQL reuses free space by itself (autovacuum); `vacuum full` in psql gives it back to the system."
        )
    click.echo("Writing the file anew; this may take a while.", err=True)
    with foreseen():
        before, after = file.vacuum(place)
    value = {"database": place, "bytes": after, "bytes_before": before}
    report(output, value, f"{place} takes {in_bytes(after)} now; before it took {in_bytes(before)}.")


def dump(place: Postgres, path: str, *, back: bool = False) -> str:
    """Return the command that makes a backup of a PostgreSQL database or puts it back; passwords are asked for."""
    user = ["--username", place.user] if place.user else []
    where = ["--host", place.host, "--port", str(place.port), *user, "--dbname", place.database]
    kind = ["pg_restore", "--clean", "--if-exists", path] if back else ["pg_dump", "--format", "custom", "--file", path]
    return shlex.join([*kind[:1], *where, *kind[1:]])
