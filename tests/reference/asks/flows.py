"""What is asked of flows."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, NOT_IDS, delete, flow, get, patch, post, run, task
from tests.reference.telling import Step, Story

OURS = {"name": {"like_": "$story"}}
NAMES = ["a", "With spaces", "ünïcode", "x" * 300, "dots.and-dashes_", "a?b#c", "tab\there", "'quoted\"", "\\back"]
BAD_NAMES = ["", "a/b", "a%b", "a&b", "a>b", "a<b", "/"]
THREE = [
    flow("b $story", "b", tags=["x", "y"]),
    flow("a $story", "a", tags=["x"]),
    flow("C $story", "c"),
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"operator": "or_"},
    {"name": {"any_": ["a $story", "nobody"]}},
    {"name": {"any_": []}},
    {"name": {"any_": None}},
    {"name": {}},
    {"name": {"like_": "A $story"}},
    {"name": {"like_": ""}},
    {"name": {"like_": "% $story"}},
    {"name": {"like_": "_ $story"}},
    {"name": {"like_": "a", "any_": ["b $story", "a $story"]}},
    {"id": {"any_": ["$a", "$b"]}},
    {"id": {"any_": []}},
    {"id": {"not_any_": ["$a"]}},
    {"id": {"not_any_": []}},
    {"id": {"any_": ["$a", "$b"], "not_any_": ["$b"]}},
    {"tags": {"all_": ["x"]}},
    {"tags": {"all_": ["x", "y"]}},
    {"tags": {"all_": []}},
    {"tags": {"is_null_": True}},
    {"tags": {"is_null_": False}},
    {"tags": {"operator": "or_", "all_": ["y"], "is_null_": True}},
    {"deployment": {}},
    {"deployment": {"is_null_": None}},
    {"deployment": {"is_null_": True}},
    {"deployment": {"is_null_": False}},
    {"operator": "or_", "id": {"any_": ["$b"]}, "name": {"like_": "c $story"}},
]


ACROSS: list[dict[str, Any]] = [
    {"flow_runs": {}},
    {"flow_runs": {"name": {"any_": ["run $story"]}}},
    {"flow_runs": {"tags": {"all_": ["none"]}}},
    {"task_runs": {}},
    {"task_runs": {"name": {"any_": ["task $story"]}}},
    {"task_runs": {"name": {"any_": ["none"]}}},
    {"flow_runs": {"tags": {"all_": ["t"]}}, "task_runs": {"name": {"any_": ["task $story"]}}},
    {"deployments": {}},
    {"deployments": {"name": {"any_": ["x"]}}},
    {"work_pools": {}},
    {"work_pools": {"name": {"any_": ["x"]}}},
]


def asked_both_ways(sought: dict[str, Any], **others: Any) -> list[Step]:
    """List and count what one filter finds among a story's flows."""
    wanted = {"flows": {**sought}, **others}
    if sought.get("operator") != "or_" and "like_" not in sought.get("name", {}):
        wanted["flows"] = {**sought, "name": {**sought.get("name", {}), "like_": "$story"}}
    elif "name" not in sought:
        wanted["flows"] = {**sought, "id": {"any_": ["$a", "$b", "$c"]}}
    if wanted["flows"].get("name") == {"like_": ""}:
        wanted["flows"] = {**wanted["flows"], "id": {"any_": ["$a", "$b", "$c"]}}
    return [post("/flows/filter", wanted), post("/flows/count", wanted)]


STORIES: dict[str, Story] = {
    "made": [
        flow(),
        get("/flows/$flow"),
        get("/flows/name/$story"),
        flow(tags=["other"], labels={"a": 1}),
        get("/flows/$flow"),
        flow("full $story", tags=["b", "a", "b"], labels={"a": 1, "b": "x", "c": 1.5, "d": True}),
        get("/flows/$flow"),
        flow("null $story", labels=None),
    ],
    "names": [step for name in NAMES for step in (flow(f"{name} $story"), get("/flows/$flow"))],
    "bad names": [post("/flows/", {"name": name}) for name in BAD_NAMES],
    "changed": [
        flow(tags=["x"]),
        patch("/flows/$flow", {"tags": ["y", "z"]}),
        get("/flows/$flow"),
        patch("/flows/$flow", {}),
        get("/flows/$flow"),
        patch("/flows/$flow", {"tags": []}),
        get("/flows/$flow"),
        patch("/flows/$flow", {"tags": None}),
        patch("/flows/$flow", {"name": "x"}),
        patch("/flows/$flow", {"tags": "x"}),
        get("/flows/$flow"),
    ],
    "gone": [
        flow(),
        delete("/flows/$flow"),
        get("/flows/$flow"),
        delete("/flows/$flow"),
        patch("/flows/$flow", {"tags": []}),
        get("/flows/name/$story"),
        flow(),
        run(),
        task(),
        delete("/flows/$flow"),
        get("/flow_runs/$run"),
        get("/task_runs/$task"),
    ],
    "not there": [
        get(f"/flows/{NOBODY}"),
        patch(f"/flows/{NOBODY}", {"tags": []}),
        delete(f"/flows/{NOBODY}"),
        get("/flows/name/nobody $story".replace(" ", "%20")),
        get(f"/flows/{NOBODY.upper()}"),
    ],
    "ids that are none": [Step(method, f"/flows/{x}") for x in NOT_IDS for method in ("GET", "DELETE")],
    "filtered": [*THREE, *(step for sought in FILTERS for step in asked_both_ways(sought))],
    "sorted": [
        *THREE,
        patch("/flows/$a", {"tags": ["new"]}),
        *(
            post("/flows/filter", {"flows": OURS, "sort": sort})
            for sort in ("CREATED_DESC", "UPDATED_DESC", "NAME_ASC", "NAME_DESC", None)
        ),
        post("/flows/filter", {"flows": OURS, "sort": "NAME"}),
    ],
    "paged": [
        *THREE,
        *(
            post("/flows/filter", {"flows": OURS, "limit": limit, "offset": offset})
            for limit, offset in [(2, 0), (2, 2), (2, 9), (0, 0), (None, 1), (200, 0), (201, 0), (-1, 0), (1, -1)]
        ),
        post("/flows/filter", {"flows": OURS, "unknown": 1}),
        post("/flows/filter", {"flows": None, "flow_runs": None, "limit": 0}),
        post("/flows/filter", {"flows": {**OURS, "unknown": 1}}),
        post("/flows/count", {"flows": OURS, "limit": 1}),
    ],
    "across": [
        *THREE,
        post("/flow_runs/", {"flow_id": "$a", "name": "run $story", "tags": ["t"]}, keep={"run": "id"}),
        task(),
        *(step for others in ACROSS for step in asked_both_ways({}, **others)),
    ],
}
