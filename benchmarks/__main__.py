"""`python -m benchmarks`: prints each figure of both servers, their ratio, and whether it reaches its target."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import (
    client_rows,
    durable,
    guards,
    memory,
    on_postgres,
    schedules,
    server_rows,
    shapes,
    starts,
    writers,
)
from benchmarks.measure import median
from benchmarks.servers import Lictor, Reference, Subject

Figures = dict[str, list[float]]

TARGETS: dict[str, tuple[str, float]] = {
    "run life: create + 3 set_state": ("ms CPU", 25),
    "read a run by id": ("ms CPU", 30),
    "lease churn: take, renew, give back": ("ms CPU", 20),
    "filter, 200 runs out of 20,000": ("ms CPU", 30),
    "a task run's three events in": ("ms CPU", 40),
    "100 log lines in": ("ms CPU", 40),
    "graph of a run with 300 task runs": ("ms CPU", 5),
    "history of a week in hours": ("ms CPU", 10),
    "events filter, 50 newest": ("ms CPU", 10),
    "worker poll, 10,000 scheduled runs": ("ms CPU", 30),
    "sequential task call: client": ("ms CPU", 30),
    "sequential task call: client + server": ("ms CPU", 40),
    "submitted task: client + server": ("ms CPU", 40),
    "map over 1,000, a task: client + server": ("ms CPU", 40),
    "gather of 1,000, a task: client + server": ("ms CPU", 20),
    "20 subflows, each: client + server": ("ms CPU", 20),
    "empty flow call": ("ms wall", 100),
    "import flow, task": ("ms CPU", 8),
    "command --help": ("ms CPU", 4),
    "command flow-run ls": ("ms CPU", 4),
    "server start to healthy": ("s CPU", 10),
    "server memory idle": ("MB", 3),
}
"""What is measured in, and by how much Lictor's figure must be smaller."""

SERVER_ROWS: dict[str, Callable[[server_rows.Load, int], float]] = {
    "run life: create + 3 set_state": server_rows.run_life,
    "read a run by id": server_rows.read_run,
    "a task run's three events in": server_rows.events_in,
    "100 log lines in": server_rows.log_lines,
    "lease churn: take, renew, give back": server_rows.lease_churn,
    "graph of a run with 300 task runs": server_rows.graph,
    "history of a week in hours": server_rows.history,
    "events filter, 50 newest": server_rows.filter_events,
    "filter, 200 runs out of 20,000": server_rows.filter_runs,
    "worker poll, 10,000 scheduled runs": server_rows.poll,
}
TASK_ROWS = {
    "submitted task: client + server": ("submitted", None),
    "map over 1,000, a task: client + server": ("mapped", 1000),
    "gather of 1,000, a task: client + server": ("gathered", 1000),
    "20 subflows, each: client + server": ("subflows", 20),
}
"""The work of the client, and how many tasks or subflows it has, where a row says that."""
COMMANDS = {"command --help": ["--help"], "command flow-run ls": ["flow-run", "ls"]}
BESIDE: dict[str, Callable[[int], Any]] = {
    "durable library": durable.compared,
    "shapes": shapes.compared,
    "memory growth": memory.compared,
    "schedules": schedules.compared,
    "starts": starts.compared,
}
"""What has a table of its own; each is given the number of rounds."""
TIMES = {"Lictor": 400, "reference": 40}


def say(text: str) -> None:
    """Show progress."""
    print(f"  {text}", file=sys.stderr, flush=True)


def measured(kind: type[Lictor] | type[Reference], wanted: set[str], rounds: int) -> Iterator[tuple[str, list[float]]]:
    """Yield the rounds of every wanted row of one server."""
    times = TIMES[kind.name]
    if wanted & {"server start to healthy", "server memory idle"}:
        say(f"{kind.name}: start")
        found = client_rows.start_cost(kind, rounds)
        yield from (("server start to healthy", found["start"]), ("server memory idle", found["memory"]))
    with kind() as server:
        if "import flow, task" in wanted:
            say(f"{kind.name}: import flow, task")
            yield "import flow, task", client_rows.import_cost(server, rounds)
        yield from measured_tasks(server, wanted, times, rounds)
        load = server_rows.Load(server)
        for name, row in SERVER_ROWS.items():
            if name in wanted:
                say(f"{kind.name}: {name}")
                row(load, max(times // 10, 2))
                yield name, [row(load, times) for _ in range(rounds)]


def measured_tasks(server: Subject, wanted: set[str], times: int, rounds: int) -> Iterator[tuple[str, list[float]]]:
    """Yield the rounds of the rows in which a client runs flows."""
    if wanted & {"sequential task call: client", "sequential task call: client + server"}:
        say(f"{server.name}: sequential task calls")
        found = client_rows.task_calls(server, "sequential", times * 2, rounds)
        yield "sequential task call: client", found["client"]
        yield "sequential task call: client + server", found["both"]
    for name, (work, number) in TASK_ROWS.items():
        if name in wanted:
            say(f"{server.name}: {name}")
            yield name, client_rows.task_calls(server, work, number or times * 2, rounds)["both"]
    if "empty flow call" in wanted:
        say(f"{server.name}: empty flow calls")
        yield "empty flow call", client_rows.empty_flow(server, rounds)
    for name, arguments in COMMANDS.items():
        if name in wanted:
            say(f"{server.name}: {name}")
            yield name, client_rows.command_cost(server, arguments, rounds)


def row_of(name: str, ours: list[float], theirs: list[float]) -> dict[str, Any]:
    """Return one row of the answer."""
    unit, target = TARGETS[name]
    ratio = median(theirs) / median(ours)
    return {
        "row": name,
        "unit": unit,
        "reference": round(median(theirs), 3),
        "lictor": round(median(ours), 4),
        "ratio": round(ratio, 1),
        "target": target,
        "reached": ratio >= target,
    }


def table_of(rows: list[dict[str, Any]]) -> Table:
    """Return the rows as a table."""
    table = Table("what", "unit", "reference", "Lictor", "ratio", "target", "", title="reference ÷ Lictor")
    for row in rows:
        reached = "[green]reached[/]" if row["reached"] else "[red]missed[/]"
        table.add_row(*[str(row[name]) for name in ("row", "unit", "reference", "lictor", "ratio", "target")], reached)
    return table


def plain_table(title: str, rows: list[dict[str, Any]]) -> Table:
    """Return rows as a table with a column for each of their names."""
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*map(str, row.values()))
    return table


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", help="rows whose name has this text (repeatable)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each row is measured; the median counts")
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--output", choices=["table", "json"], default="table")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds

    def asked(name: str) -> bool:
        return not options.only or any(text.lower() in name.lower() for text in options.only)

    wanted = {name for name in TARGETS if asked(name)}
    answer: dict[str, Any] = {"rows": []}
    if wanted:
        # Row by row in turn, so that a machine that slows down slows both.
        both = zip(measured(Reference, wanted, rounds), measured(Lictor, wanted, rounds), strict=True)
        found = {name: row_of(name, ours, theirs) for (name, theirs), (_, ours) in both}
        answer["rows"] = [found[name] for name in TARGETS if name in found]
    if asked("packages"):
        answer["packages"] = client_rows.all_packages()
    for name, compared in BESIDE.items():
        if asked(name):
            say(name)
            answer[name] = compared(rounds)
    if asked("authentication"):
        answer["authentication"] = guards.compared()
    if asked("writers"):
        answer["writers"] = [
            writers.compared(kind, clients) for kind in (Lictor, Reference) for clients in writers.CLIENTS
        ]
    if asked("postgresql"):
        say("PostgreSQL")
        answer["postgresql"] = on_postgres.compared(SERVER_ROWS, TIMES, rounds)
    if asked("postgresql writers"):
        answer["postgresql writers"] = on_postgres.writers()
    if options.output == "json":
        print(json.dumps(answer, indent=1))
        return
    console = Console()
    if answer["rows"]:
        console.print(table_of(answer["rows"]))
    for name in (
        "packages",
        "durable library",
        "shapes",
        "memory growth",
        "schedules",
        "starts",
        "authentication",
        "writers",
        "postgresql",
        "postgresql writers",
    ):
        if name in answer:
            found = answer[name]
            console.print(plain_table(name, found if isinstance(found, list) else [found]))


if __name__ == "__main__":
    main()
