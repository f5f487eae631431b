"""What is asked of log lines."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, moment, post
from tests.reference.telling import Step, Story

RUN, TASK = "$new_run", "$new_task"
LINE = {"name": "l", "level": 20, "message": "text", "timestamp": moment(0)}
LINES = [
    {**LINE, "message": "Connection refused by host", "flow_run_id": RUN, "timestamp": moment(1)},
    {
        **LINE,
        "message": "connected to HOST",
        "level": 30,
        "flow_run_id": RUN,
        "task_run_id": TASK,
        "timestamp": moment(2),
    },
    {**LINE, "message": "50% done, under_score", "level": 40, "flow_run_id": RUN, "timestamp": moment(3)},
    {**LINE, "message": "ÜBER straße", "name": "other.logger", "level": 10, "flow_run_id": RUN, "timestamp": moment(4)},
    {**LINE, "message": "", "level": 50, "flow_run_id": RUN, "task_run_id": TASK, "timestamp": moment(2)},
    {**LINE, "message": 'a "quoted" word - and +plus', "flow_run_id": RUN, "timestamp": moment(5)},
]
TEXTS = [
    "",
    " ",
    "host",
    "HOST",
    "refused connected",
    "host -refused",
    "host !refused",
    "host +connected",
    "+host +refused",
    "-host",
    "!host",
    '"refused by"',
    '"by refused"',
    '-"refused by"',
    '+"refused by" host',
    '"unclosed phrase',
    '""',
    "-",
    "+",
    "!",
    "- host",
    "ost",
    "50%",
    "%",
    "_",
    "under_score",
    "über",
    "STRASSE",
    "straße",
    "quoted",
    "\\\\",
    "'",
    "other.logger",
    "connected OR refused",
    "connected AND refused",
    "host*",
    "(host)",
    "word-and",
    '\\"quoted\\"',
    "x" * 200,
    "x" * 201,
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"level": {"ge_": 30}},
    {"level": {"le_": 30}},
    {"level": {"ge_": 20, "le_": 40}},
    {"level": {}},
    {"timestamp": {"after_": moment(2)}},
    {"timestamp": {"before_": moment(2)}},
    {"timestamp": {"after_": moment(2), "before_": moment(3)}},
    {"task_run_id": {"any_": [TASK]}},
    {"task_run_id": {"any_": []}},
    {"task_run_id": {"is_null_": True}},
    {"task_run_id": {"is_null_": False}},
    {"task_run_id": {}},
]


def found(sought: dict[str, Any], **given: Any) -> Step:
    """List the lines of the story's run."""
    return post("/logs/filter", {"logs": {"flow_run_id": {"any_": [RUN]}, **sought}, **given})


STORIES: dict[str, Story] = {
    "sent": [
        post("/logs/", []),
        post("/logs/", [LINE]),
        post("/logs/", [{**LINE, "flow_run_id": None, "task_run_id": None}]),
        post("/logs/", [LINE, {**LINE, "level": "x"}]),
        post("/logs/", [{**LINE, "level": "20"}]),
        post("/logs/", [{**LINE, "unknown": 1}]),
        post("/logs/", LINE),
        post("/logs/", None),
        post("/logs/", [{}]),
        post("/logs/", [{**LINE, "timestamp": "2020-01-01"}]),
        post("/logs/", [{**LINE, "timestamp": 5}]),
        post("/logs/", [{**LINE, "id": NOBODY}]),
    ],
    "filtered": [
        post("/logs/", LINES),
        *(found(sought) for sought in FILTERS),
        found(
            {"operator": "or_", "level": {"ge_": 4000}, "flow_run_id": {"any_": []}, "task_run_id": {"any_": [TASK]}}
        ),
        found({"flow_run_id": {"any_": []}}),
        found({"flow_run_id": {}, "task_run_id": {"any_": [TASK]}}),
        found({"flow_run_id": {"any_": [NOBODY]}}),
        found({"unknown": 1}),
    ],
    "searched": [post("/logs/", LINES), *(found({"text": {"query": text}}) for text in TEXTS), found({"text": {}})],
    "sorted and paged": [
        post("/logs/", LINES),
        found({}, sort="TIMESTAMP_DESC"),
        found({}, sort="LEVEL"),
        found({}, sort=None),
        *(
            found({}, limit=limit, offset=offset)
            for limit, offset in [(2, 0), (2, 2), (2, 9), (0, 0), (None, 1), (200, 0), (201, 0), (-1, 0), (1, -1)]
        ),
        found({}, unknown=1),
    ],
}
