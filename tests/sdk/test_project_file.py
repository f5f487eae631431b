"""Project files are read as users write them; of each mistake is said where it stands and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from lictor.sdk.project_file import Project, ProjectFileError, read_project


def read(folder: Path, text: str) -> Project:
    file = folder / "prefect.yaml"
    file.write_text(text)
    return read_project(file)


def entry(line: str) -> str:
    """Return a file with a deployment that has one more field."""
    return f"deployments:\n- name: one\n  entrypoint: a.py:b\n  {line}\n"


BROKEN = {
    "no YAML": ("a: [", ":1:5: this is no YAML: "),
    "a tab": (
        "a:\n\tb: 1",
        ":2:1: this is no YAML: found character '\\t' that cannot start any token. Indent with spaces",
    ),
    "no quotes": ("a:\n  b: {{ prefect.variables.x }}", "this is no YAML: found unhashable key. A text with {{ … }}"),
    "an anchor that is none": ("a: *b", ":1:4: this is no YAML: found undefined alias"),
    "bytes": ("a: !!binary aGk=", "this is no YAML: !!binary stands for bytes"),
    "an object": ("a: !!python/object:os.system {}", "could not determine a constructor"),
    "a list": ("- a", ": it says no fields, such as 'deployments:'"),
    "deployments that are none": ("deployments:\n  name: x", ":1: deployments: it is fields; write a list, each item"),
    "a deployment that is none": ("deployments:\n- x", ":2: deployments[0]: it is a text; write 'name:'"),
    "a tag in a list": (entry("tags: [a, [b, 1]]"), ":4: deployment 'one': tags[1][1]: it is a number"),
    "a number for a name": (
        "deployments:\n- name: 1",
        ":2: deployments[0]: name: it is a number; write a text, in quotes.",
    ),
    "a name that cannot be": ("deployments:\n- name: a/b", ":2: deployment 'a/b': name: a name has none of"),
    "a version": (entry("version: 1.10"), ":4: deployment 'one': version: it is a number; write a text, in quotes."),
    "a kind of version": (
        entry("version_type: svn"),
        ":4: deployment 'one': version_type: 'svn' is none of prefect:simple,",
    ),
    "tags": (entry("tags: a"), ":4: deployment 'one': tags: it is a text; write a list"),
    "a tag": (entry("tags: [a, 1]"), ":4: deployment 'one': tags[1]: it is a number"),
    "parameters": (entry("parameters: [a]"), ":4: deployment 'one': parameters: it is a list; write fields below it"),
    "paused": (entry("paused: maybe"), ":4: deployment 'one': paused: it is a text; write true or false."),
    "a limit": (entry("concurrency_limit: 0"), "concurrency_limit: write a whole number from 1 on"),
    "no limit": (entry("concurrency_limit: {}"), "concurrency_limit: it needs a 'limit'"),
    "a strategy": (
        entry("concurrency_limit: {limit: 1, collision_strategy: WAIT}"),
        "concurrency_limit.collision_strategy: write one of ENQUEUE, CANCEL_NEW.",
    ),
    "a grace period": (
        entry("concurrency_limit: {limit: 1, grace_period_seconds: 5}"),
        "grace_period_seconds: write a number of seconds from 60 to 86400.",
    ),
    "a pool": (
        entry("work_pool: mine"),
        ":4: deployment 'one': work_pool: write 'name:' below it, with the pool's name.",
    ),
    "job variables": (entry("work_pool: {job_variables: x}"), "work_pool.job_variables: it is a text; write fields"),
    "schedules": (entry("schedules: {cron: x}"), "schedules: it is fields; write a list"),
    "a schedule": (
        entry("schedules: [{slug: x}]"),
        "schedules[0]: say when it starts runs, with one of cron, interval",
    ),
    "two in one": (entry("schedules: [{cron: x, rrule: y}]"), "schedules[0]: it says several of cron, interval, rrule"),
    "a field of a schedule": (
        entry("schedules:\n  - cron: x\n    zone: y"),
        ":6: deployment 'one': schedules[0].zone: a schedule has no such field; it has cron,",
    ),
    "both": (
        entry("schedule: {cron: x}\n  schedules: []"),
        ":4: deployment 'one': schedule: there are 'schedules', too",
    ),
    "steps": (entry("pull: x"), "pull: it is a text; write a list of steps, each '- full.name.of.a.step:'"),
    "a step": (entry("pull: [x]"), "pull[0]: it is a text; write the step's full name with a colon"),
    "two steps in one": ("pull:\n- a.b:\n    x: 1\n  c.d:\n    y: 1", ":2: pull[0]: 'a.b' and 'c.d' stand in one item"),
    "inputs": ("build:\n- a.b: x", ":2: build[0].a.b: write the step's inputs below it, NAME: VALUE."),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_told_with_its_place_and_the_fix(name: str, tmp_path: Path) -> None:
    text, said = BROKEN[name]
    with pytest.raises(ProjectFileError) as raised:
        read(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path / 'prefect.yaml'}:")
    assert said in str(raised.value)


def test_all_mistakes_are_told_at_once_and_no_value(tmp_path: Path) -> None:
    text = entry("tags: hidden\n  work_pool: {job_variables: hidden}\n  pull: [hidden]")
    with pytest.raises(ProjectFileError) as raised:
        read(tmp_path, text)
    assert [line.split(":")[1] for line in str(raised.value).splitlines()] == ["4", "6", "5"]
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize("text", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(text: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "prefect.yaml"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(ProjectFileError, match="it cannot be read: "):
        read_project(file)


NOTED = {
    "triggers": (entry("triggers: [{type: event}]"), ":4: deployment 'one': triggers: automations are not built yet"),
    "sla": (entry("sla: [{name: x}]"), ":4: deployment 'one': sla: service level agreements are not built yet"),
    "a field": (entry("tag: [x]"), ":4: deployment 'one': tag: there is no such field; do you mean 'tags'?"),
    "a field of another": (entry("work_queue_name: q"), "write 'work_queue_name' below 'work_pool'."),
    "a job variable": (
        entry("env: {A: b}"),
        "env: there is no such field; write 'env' below 'work_pool', 'job_variables'",
    ),
    "catchup": (
        entry("schedules:\n  - cron: 0 0 * * *\n    catchup: true"),
        ":6: deployment 'one': schedules[0].catchup: Prefect 3 goes by it no more; write 'catch_up: run-all'.",
    ),
    "max_active_runs": (
        entry("schedule: {cron: 0 0 * * *, max_active_runs: 2}"),
        ":4: deployment 'one': schedule.max_active_runs: Prefect 3 goes by it no more; set 'concurrency_limit' of",
    ),
    "a field of nobody": (entry("owner: me"), "owner: there is no such field; there are name, version,"),
    "a field of a pool": (
        entry("work_pool: {name: p, queue: q}"),
        ":4: deployment 'one': work_pool.queue: there is no",
    ),
    "a field of a limit": (
        entry("concurrency_limit: {limit: 1, x: 2}"),
        "concurrency_limit.x: there is no such field;",
    ),
    "no placeholder": (
        entry("description: 'a {{ prefect.blocks.secret/token }}'"),
        ":4: deployment 'one': description: '{{ prefect.blocks.secret/token }}' is no placeholder; write",
    ),
    "a part": ("deployment:\n- name: x", ":1: deployment: there is no such field; do you mean 'deployments'?"),
    "a field twice": (
        entry("name: two"),
        ":4: deployment 'two': name: it stands here twice; only the last one counts.",
    ),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_nothing_goes_by_is_noted(name: str, tmp_path: Path) -> None:
    text, said = NOTED[name]
    found = read(tmp_path, text)
    [warning] = found.warnings
    assert said in warning


def test_schedules_that_earlier_versions_wrote_are_read(tmp_path: Path) -> None:
    told = "schedules:\n  - cron: 0 16 * * *\n    timezone: Europe/Lisbon\n    day_or: true\n    active: true\n"
    assert read(tmp_path, entry(f"{told}    max_active_runs:\n    catchup: false")).warnings == []


def test_what_users_write_is_read(tmp_path: Path) -> None:
    text = """---
# a comment
name: [p]
prefect-version: 3.0.0
x-anything: &pool {name: pool, job_variables: {env: {A: b}}}
definitions:
  base: &base
    entrypoint: a.py:b
    work_pool: *pool
    paused: "{{ prefect.variables.paused }}"
    concurrency_limit: "{{ $LIMIT }}"
    triggers: []
build:
pull: {a.b: }
deployments:
- <<: *base
  name: one
  parameters: {day: 2026-01-02, at: 2026-01-02 03:04:05+00:00, 1: {yes: no}}
-
"""
    found = read(tmp_path, text)
    assert found.warnings == []
    assert found.actions == {"build": None, "pull": {"a.b": None}}
    [said] = found.deployments
    assert said["work_pool"] == {"name": "pool", "job_variables": {"env": {"A": "b"}}}
    assert said["parameters"] == {"day": "2026-01-02", "at": "2026-01-02T03:04:05Z", "1": {"True": False}}
    assert read(tmp_path, "").deployments == []


def test_a_file_that_refers_to_itself_over_and_over_is_read(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x]", *(f"a{each}: &a{each} [*a{each - 1}, *a{each - 1}]" for each in range(1, 14))]
    with pytest.raises(ProjectFileError, match="this is no YAML"):
        read(tmp_path, "a: &a [*a]")
    assert read(tmp_path, "\n".join(rows)).deployments == []


@pytest.mark.parametrize(
    ("first", "further"),
    [("[x]", "[*a{0}, *a{0}]"), ("{x: 1}", "{{a: *a{0}, b: *a{0}}}"), ("{x: 1}", "{{<<: [*a{0}, *a{0}]}}")],
)
def test_a_small_file_that_makes_a_huge_one_is_refused(first: str, further: str, tmp_path: Path) -> None:
    rows = [f"a0: &a0 {first}", *(f"a{each}: &a{each} {further.format(each - 1)}" for each in range(1, 64))]
    with pytest.raises(ProjectFileError, match="more than 100000 values"):
        read(tmp_path, "\n".join(rows))
