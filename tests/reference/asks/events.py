"""What is asked of events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.reference.asks.steps import NOBODY, get, moment, post
from tests.reference.telling import Step, Story

MARK = "$story"
WHEN = {"since": moment(-1000), "until": moment(1000)}


def happened(name: str, seconds: float, about: str, labels: dict[str, str] | None = None, **given: Any) -> Any:
    """Return an event about a resource of the story's own."""
    resource = {"prefect.resource.id": f"{MARK}.{about}", **(labels or {})}
    return {
        "id": f"$new_{about}_{seconds}".replace(".", "_").replace("-", "minus_"),
        "occurred": moment(seconds),
        "event": name,
        "resource": resource,
        **given,
    }


def other(name: str, role: str, **labels: str) -> dict[str, str]:
    """Return a related resource."""
    return {"prefect.resource.id": f"{MARK}.{name}", "prefect.resource.role": role, **labels}


EVENTS = [
    happened("run.Began", -30, "run.1", {"color": "red", "prefect.resource.name": "First Run"}),
    happened("run.Ended", -20, "run.1", {"color": "blue"}, related=[other("flow.1", "flow", size="big")]),
    happened(
        "run.Began",
        -10,
        "run.2",
        {"color": "red"},
        related=[other("flow.1", "flow"), other("tag.a", "tag", size="big")],
    ),
    happened(
        "flow.made", -5, "flow.1", {"size": "small"}, payload={"note": "Hello World", "n": 3, "deep": {"x": ["needle"]}}
    ),
    happened("flow.made.again", -4, "flow.2", {"percent": "50%_x"}),
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"order": "ASC"},
    {"event": {}},
    {"event": {"name": ["run.Began"]}},
    {"event": {"name": []}},
    {"event": {"name": ["RUN.began"]}},
    {"event": {"prefix": ["run."]}},
    {"event": {"prefix": ["run", "flow"]}},
    {"event": {"prefix": ["run.*"]}},
    {"event": {"prefix": []}},
    {"event": {"exclude_prefix": ["run."]}},
    {"event": {"exclude_prefix": []}},
    {"event": {"exclude_name": ["run.Began", "flow.made"]}},
    {"event": {"name": ["run.Began"], "prefix": ["flow"]}},
    {"event": {"prefix": ["run."], "exclude_name": ["run.Began"]}},
    {"id": {"id": [EVENTS[0]["id"], NOBODY]}},
    {"id": {"id": []}},
    {"id": {}},
    {"occurred": {"since": moment(-20), "until": moment(-5)}},
    {"occurred": {"since": moment(5)}},
    {"resource": {"id": [f"{MARK}.run.1"]}},
    {"resource": {"id": []}},
    {"resource": {"id": [f"{MARK}.run.1"], "id_prefix": [f"{MARK}.flow"]}},
    {"resource": {"labels": {"color": "red"}}},
    {"resource": {"labels": {"color": ["red", "blue"]}}},
    {"resource": {"labels": {"color": "r*"}}},
    {"resource": {"labels": {"color": "!red"}}},
    {"resource": {"labels": {"color": ["!red", "!blue"]}}},
    {"resource": {"labels": {"color": ["red", "!blue"]}}},
    {"resource": {"labels": {"color": "red", "prefect.resource.name": "First Run"}}},
    {"resource": {"labels": {"prefect.resource.id": f"{MARK}.run.*"}}},
    {"resource": {"labels": {"prefect.resource.id": f"{MARK}.run.1"}}},
    {"resource": {"labels": {"percent": "50%_*"}}},
    {"resource": {"labels": {"percent": "50_*"}}},
    {"resource": {"labels": {"color": "*"}}},
    {"resource": {"labels": {"color": "*d"}}},
    {"resource": {"labels": {"color": []}}},
    {"resource": {"labels": {}}},
    {"resource": {"labels": {"color": ""}}},
    {"resource": {"id": [f"{MARK}.run.1"], "labels": {"color": "blue"}}},
    {"resource": {"distinct": True}},
    {"resource": {"distinct": True, "id": [f"{MARK}.run.1"]}},
    {"resource": {"distinct": True}, "event": {"name": ["run.Began"]}},
    {"resource": {"distinct": True}, "order": "ASC"},
    {"resource": {"distinct": True}, "occurred": {"since": moment(-100), "until": moment(-15)}},
    {"related": {}},
    {"related": []},
    {"related": {"id": [f"{MARK}.flow.1"]}},
    {"related": {"role": ["tag"]}},
    {"related": {"id": [f"{MARK}.flow.1"], "role": ["tag"]}},
    {"related": {"resources_in_roles": [[f"{MARK}.flow.1", "flow"]]}},
    {"related": {"resources_in_roles": [[f"{MARK}.flow.1", "tag"], [f"{MARK}.tag.a", "tag"]]}},
    {"related": {"labels": {"size": "big"}}},
    {"related": {"labels": {"size": "b*"}}},
    {"related": {"labels": {"size": "!big"}}},
    {"related": {"labels": {"size": ["big", "small"]}}},
    {"related": {"role": ["flow"], "labels": {"size": "big"}}},
    {"related": {"labels": {"prefect.resource.role": "tag"}}},
    {"related": {"labels": {"prefect.resource.id": f"{MARK}.flow*", "size": "big"}}},
    {"related": [{"role": ["flow"]}, {"role": ["tag"]}]},
    {"related": [{"id": [f"{MARK}.flow.1"]}, {"labels": {"size": "big"}}]},
    {"any_resource": {}},
    {"any_resource": {"id": [f"{MARK}.flow.1"]}},
    {"any_resource": {"id": []}},
    {"any_resource": {"id_prefix": [f"{MARK}.tag"]}},
    {"any_resource": {"id_prefix": [f"{MARK}.tag", f"{MARK}.flow"]}},
    {"any_resource": {"id": [f"{MARK}.flow.1"], "id_prefix": [f"{MARK}.tag"]}},
    {"any_resource": {"labels": {"size": "big"}}},
    {"any_resource": {"labels": {"size": ["big", "small"]}}},
    {"any_resource": {"labels": {"size": "!big"}}},
    {"any_resource": {"labels": {"color": "red"}}},
    {"any_resource": {"labels": {"color": "red", "size": "big"}}},
    {"any_resource": {"id": [f"{MARK}.flow.1"], "labels": {"size": "big"}}},
    {"any_resource": [{"id": [f"{MARK}.flow.1"]}, {"id": [f"{MARK}.run.1"]}]},
    {"any_resource": []},
    {"related": {"id": ["a"] * 51}},
]
TEXTS = [
    "",
    " ",
    "hello",
    "WORLD",
    "needle",
    "red",
    "big",
    "red big",
    "red -big",
    "red !big",
    "+red +big",
    "+red big",
    "-red",
    '"Hello World"',
    '"World Hello"',
    '-"Hello World"',
    "Began",
    "flow.made",
    "First",
    '"First Run"',
    "50%",
    "%",
    "_x",
    "color",
    "note",
    f"{MARK}.tag.a",
    "3",
    "tag",
    '"',
    "-",
    "x" * 200,
    "x" * 201,
]
OURS = {"occurred": WHEN, "resource": {"id_prefix": [MARK]}}


def found(sought: dict[str, Any], **given: Any) -> Step:
    """List the story's events."""
    resource = {"id_prefix": [MARK], **sought.get("resource", {})}
    return post("/events/filter", {"filter": {"occurred": WHEN, **sought, "resource": resource}, **given})


def sent(**changes: Any) -> Step:
    """Send an event that is changed in some way."""
    event = {**happened("changed", 0, "sent"), **changes}
    return post("/events", [{name: value for name, value in event.items() if value != "nothing"}])


SENT = [post("/events", EVENTS), replace(found({}), awaits=("total", len(EVENTS)))]
COUNTED: list[dict[str, Any]] = [
    {"time_unit": "none"},
    {"time_unit": "hour", "time_interval": 2},
    {"time_interval": 0},
    {"time_interval": "x"},
]
STORIES: dict[str, Story] = {
    "sent": [
        post("/events", []),
        sent(),
        sent(related=[other("x", "role")], payload={"a": [1, None]}, follows=NOBODY),
        sent(unknown=1),
        sent(id="nothing"),
        sent(occurred="nothing"),
        sent(event="nothing"),
        sent(resource="nothing"),
        sent(resource={}),
        sent(resource={"x": "y"}),
        sent(resource={"prefect.resource.id": ""}),
        sent(resource={"prefect.resource.id": 3}),
        sent(resource={"prefect.resource.id": "a", "n": None}),
        sent(related=[{}]),
        sent(related=[{"prefect.resource.id": "a"}]),
        sent(related=[{"prefect.resource.role": "a"}]),
        sent(related=None),
        sent(related=[other(f"{n}", "r") for n in range(101)]),
        sent(payload=None),
        sent(payload=[]),
        sent(event=""),
        sent(event="n" * 1024),
        sent(event="n" * 1025),
        sent(occurred="2020-01-01"),
        sent(id="x"),
        post("/events", happened("changed", 0, "sent")),
        post("/events", None),
        post("/events", [happened("changed", 0, "sent"), {"event": "x"}]),
    ],
    "filtered": [*SENT, *(found(sought) for sought in FILTERS)],
    "searched": [*SENT, *(found({"text": {"query": text}}) for text in TEXTS), found({"text": {}})],
    "paged": [
        *SENT,
        found({}, limit=2),
        found({}, limit=0),
        found({}, limit=50),
        found({}, limit=51),
        found({}, limit=-1),
        found({}, limit=None),
        found({}, offset=1),
        found({"unknown": 1}),
        found({"order": "up"}),
        get("/events/filter/next"),
        get("/events/filter/next?page-token=x"),
        get("/events/filter/next?page-token="),
    ],
    "counted": [
        *SENT,
        *(post(f"/events/count-by/{kind}", {"filter": OURS}) for kind in ("event", "resource", "day", "time", "none")),
        *(post("/events/count-by/event", {"filter": OURS, **given}) for given in COUNTED),
        post("/events/count-by/event", {}),
        post("/events/count-by/event", {"filter": {**OURS, "event": {"name": ["run.Began"]}}}),
    ],
}
