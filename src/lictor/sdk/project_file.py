"""Project files, `prefect.yaml`: reads them, and says of everything that is wrong where it stands and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lictor.kit.braces import PLACEHOLDER
from lictor.sdk.project_fields import DEPLOYMENT, OF_JOBS, PARTS, RETIRED, TOP, UNBUILT, Spot, Wrong, kind_of, wrong_in

NAME = "prefect.yaml"
ACTIONS = ("build", "push", "pull")
MOST_PLACES = 100_000
"""How many places of a file are looked at: references can make a small file a very large one."""

MEANT = re.compile(r"\{\{\s*prefect\.[^{}]*\}\}")

FORMS = "write {{ prefect.variables.name }} or {{ prefect.blocks.type.name }}."

Lines = dict[Spot, int]


class ProjectFileError(ValueError):
    """A project file cannot be read, or says something that no deployment can be made of."""


@dataclass
class Project:
    """What a project file says.

    Args:
        file: The file.
        actions: The steps for all deployments, by `build`, `push` and `pull`; those that it says.
        deployments: Its deployments, as they are written.
        lines: Where what it says stands.
        warnings: What it says that nothing goes by.
    """

    file: Path
    actions: dict[str, Any] = field(default_factory=dict)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    lines: Lines = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read_project(file: Path) -> Project:
    """Return what a project file says.

    Raises:
        ProjectFileError: It cannot be read, or something in it is wrong; all that is wrong is said, each with its line.
    """
    said, lines, doubled = loaded(file)
    said = {} if said is None else said
    if not isinstance(said, Mapping):
        raise ProjectFileError(
            f"{file}: it says no fields, such as 'deployments:'; lictor init makes a file to begin with."
        )
    found = list(wrong_in(said, TOP, ()))
    listed = said.get("deployments") or []
    entries = listed if isinstance(listed, list) else []
    for number, entry in enumerate(entries):
        found += wrong_entry(entry, ("deployments", number))
    if found:
        raise ProjectFileError("\n".join(told(file, each, lines, entries) for each in found))
    read = {name: said[name] for name in (*ACTIONS, "deployments") if name in said}
    notes = [*doubled, *unknown(said, entries), *unbuilt(entries), *retired(entries), *no_placeholders(read, ())]
    return Project(
        file=file,
        actions={name: said[name] for name in ACTIONS if name in said},
        deployments=[dict(each) for each in entries if each],
        lines=lines,
        warnings=[told(file, each, lines, entries) for each in notes],
    )


def wrong_entry(entry: Any, at: Spot) -> Iterator[Wrong]:
    """Yield what is wrong in a deployment."""
    if isinstance(entry, Mapping):
        yield from wrong_in(entry, DEPLOYMENT, at)
        if entry.get("schedule") and "schedules" in entry:
            yield (*at, "schedule"), "there are 'schedules', too: put it among those."
    elif entry is not None:
        yield at, f"it is {kind_of(entry)}; write 'name:' and other fields of a deployment below a '-'."


def told(file: Path, wrong: Wrong, lines: Lines, entries: list[Any]) -> str:
    """Return what is wrong as a line: the file, the line, the deployment, the field, and the fix."""
    at, text = wrong
    path = at
    while path and path not in lines:
        path = path[:-1]
    place = f"{file}:{lines[path]}" if path in lines else str(file)
    words = []
    if at[:1] == ("deployments",) and len(at) > 1:
        number = at[1]
        entry = entries[number] if isinstance(number, int) and number < len(entries) else None
        name = entry.get("name") if isinstance(entry, Mapping) else None
        words.append(f"deployment '{name}'" if isinstance(name, str) else f"deployments[{number}]")
        at = at[2:]
    if at:
        words.append("".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in at).removeprefix("."))
    return ": ".join([place, *words, text])


def loaded(file: Path) -> tuple[Any, Lines, list[Wrong]]:
    """Return what a file says, the lines of all that, and which fields it says twice."""
    import yaml  # noqa: PLC0415  # few commands read such a file

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ProjectFileError(f"{file}: it cannot be read: {reason}.") from None
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
        if top is not None and places(top, {}) > MOST_PLACES:
            raise ValueError(f"its references make more than {MOST_PLACES} values of what it says")
        said = plain(yaml.safe_load(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(file)
        raise ProjectFileError(f"{place}: this is no YAML: {error.problem or error.context}.{advice(text)}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ProjectFileError(f"{file}: this is no YAML: {' '.join(str(error).split())}.") from None
    lines: Lines = {}
    doubled: list[Wrong] = []
    if top is not None:
        note_lines(top, (), lines, doubled)
    return said, lines, doubled


def places(node: Any, known: dict[int, int]) -> int:
    """Return how many places a node of YAML makes with all that it refers to; of one that refers to itself too many."""
    if id(node) not in known:
        known[id(node)] = MOST_PLACES + 1
        pairs = node.value if node.id == "mapping" else [node.value] if node.id == "sequence" else ()
        known[id(node)] = 1 + sum(places(each, known) for pair in pairs for each in pair)
    return known[id(node)]


def advice(text: str) -> str:
    """Return what most often is wrong in YAML that is none."""
    if "\t" in text:
        return " Indent with spaces, not with tabs."
    return " A text with {{ … }} or with a colon in it stands in quotes."


def plain(value: Any) -> Any:
    """Return what YAML says as JSON has it: times as texts, names as texts."""
    if isinstance(value, Mapping):
        return {name if isinstance(name, str) else str(plain(name)): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        raise ValueError("!!binary stands for bytes, which parameters cannot be: write a text")
    return value


def note_lines(node: Any, at: Spot, lines: Lines, doubled: list[Wrong]) -> None:
    """Note the line of each place in a file, and fields that stand there twice, of which only the last counts."""
    if len(lines) > MOST_PLACES:
        return
    lines[at] = node.start_mark.line + 1
    if node.id == "sequence":
        for number, each in enumerate(node.value):
            note_lines(each, (*at, number), lines, doubled)
    if node.id == "mapping":
        seen = set()
        for name, each in node.value:
            if name.value in seen and name.value != "<<":
                doubled.append(((*at, name.value), "it stands here twice; only the last one counts."))
            seen.add(name.value)
            note_lines(each, at if name.value == "<<" else (*at, name.value), lines, doubled)
            lines[*at, name.value] = name.start_mark.line + 1
    lines[at] = node.start_mark.line + 1


def unknown(said: Mapping[str, Any], entries: list[Any]) -> Iterator[Wrong]:
    """Yield fields that nothing reads: of the file those alone that are meant for another, as any may hold anchors."""
    for name in said:
        near = get_close_matches(name, TOP, 1, 0.8)
        if name not in TOP and near:
            yield (name,), f"there is no such field; do you mean '{near[0]}'?"
    for number, entry in enumerate(entries):
        for name in entry or ():
            if name in DEPLOYMENT:
                continue
            near = get_close_matches(name, DEPLOYMENT, 1, 0.7)
            fix = f"do you mean '{near[0]}'?" if near else f"there are {', '.join(DEPLOYMENT)}."
            if name in ("work_pool_name", "work_queue_name", "job_variables"):
                fix = f"write '{name.removeprefix('work_pool_')}' below 'work_pool'."
            if name in OF_JOBS:
                fix = f"write '{name}' below 'work_pool', 'job_variables'."
            yield ("deployments", number, name), f"there is no such field; {fix}"
        for name, fields in PARTS.items():
            part = (entry or {}).get(name)
            for each in set(part) - set(fields) if isinstance(part, Mapping) else ():
                yield ("deployments", number, name, each), f"there is no such field; there are {', '.join(fields)}."


def retired(entries: list[Any]) -> Iterator[Wrong]:
    """Yield what schedules say in fields that are no more; null and false say nothing."""
    for number, entry in enumerate(entries):
        for name, several in ((each, (entry or {}).get(each)) for each in ("schedule", "schedules")):
            for place, each in enumerate(several) if isinstance(several, list) else ((None, several),):
                at = (name,) if place is None else (name, place)
                for old, fix in RETIRED.items():
                    if isinstance(each, Mapping) and each.get(old):
                        yield ("deployments", number, *at, old), f"Prefect 3 goes by it no more; {fix}."


def no_placeholders(value: Any, at: Spot) -> Iterator[Wrong]:
    """Yield texts that are meant to be placeholders of blocks or variables, and are none."""
    if isinstance(value, str):
        for each in MEANT.findall(value):
            if not PLACEHOLDER.fullmatch(each):
                yield at, f"'{each}' is no placeholder; {FORMS}"
    elif isinstance(value, Mapping | list):
        for name, each in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from no_placeholders(each, (*at, name))


def unbuilt(entries: list[Any]) -> Iterator[Wrong]:
    """Yield what deployments say that is not built."""
    for number, entry in enumerate(entries):
        for name, what in UNBUILT.items():
            if (entry or {}).get(name):
                yield ("deployments", number, name), f"{what} are not built yet: the deployment is made without."
