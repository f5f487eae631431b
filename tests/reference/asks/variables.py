"""What is asked of variables."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, NOT_IDS, delete, get, patch, post
from tests.reference.telling import Step, Story

PATH = "/variables"


def name(text: str) -> str:
    """Return a name of a story's own; `$story` has characters that a name may not have."""
    return f"{text}-of-variables"


def put(text: str, value: Any = 1, **body: Any) -> Step:
    """Make a variable."""
    return post(f"{PATH}/", {"name": text, "value": value, **body}, keep={"variable": "id"})


def found(sought: Any, **body: Any) -> list[Step]:
    """List and count variables."""
    return [
        post(f"{PATH}/filter", {"variables": sought, **body}),
        post(f"{PATH}/count", {"variables": sought}),
    ]


def only(*names: str) -> dict[str, Any]:
    """Look for variables of these names alone."""
    return {"name": {"any_": [name(each) for each in names]}}


VALUES: tuple[Any, ...] = ("text", "", 0, 2**53, -1, 1.5, True, None, [], [1, [2]], {}, {"a": {"b": None}}, "é\x00")
LISTED = ("b", "a", "c")

STORIES: dict[str, Story] = {
    "made, changed and removed": [
        put(name("one"), tags=["x", "y", "x"]),
        put(name("one")),
        get(f"{PATH}/$variable"),
        get(f"{PATH}/name/{name('one')}"),
        patch(f"{PATH}/$variable", {"value": {"a": [1]}}),
        get(f"{PATH}/$variable"),
        patch(f"{PATH}/name/{name('one')}", {"value": None, "tags": []}),
        patch(f"{PATH}/name/{name('one')}", {}),
        get(f"{PATH}/$variable"),
        patch(f"{PATH}/name/{name('one')}", {"name": name("two")}),
        get(f"{PATH}/name/{name('one')}"),
        get(f"{PATH}/name/{name('two')}"),
        patch(f"{PATH}/$variable", {"name": name("two")}),
        delete(f"{PATH}/name/{name('two')}"),
        delete(f"{PATH}/name/{name('two')}"),
        delete(f"{PATH}/$variable"),
        patch(f"{PATH}/$variable", {"value": 1}),
        patch(f"{PATH}/name/{name('two')}", {"value": 1}),
        get(f"{PATH}/$variable"),
        put(name("two")),
        delete(f"{PATH}/$variable"),
    ],
    "a taken name": [
        put(name("taken")),
        put(name("other")),
        patch(f"{PATH}/$variable", {"name": name("taken")}),
        patch(f"{PATH}/name/{name('other')}", {"name": name("taken"), "value": 2}),
        get(f"{PATH}/$variable"),
        delete(f"{PATH}/name/{name('taken')}"),
        delete(f"{PATH}/name/{name('other')}"),
    ],
    "values": [
        step
        for number, value in enumerate(VALUES)
        for step in (put(name(f"value-{number}"), value), get(f"{PATH}/$variable"), delete(f"{PATH}/$variable"))
    ],
    "how long a value may be": [
        put(name("long"), "x" * 4998),
        put(name("longer"), "x" * 4999),
        put(name("longest"), {"a": "xxxxx" + "é" * 2493}),
        delete(f"{PATH}/$variable"),
        put(name("longest"), {"a": "xxxxx" + "é" * 2494}),
        patch(f"{PATH}/name/{name('long')}", {"value": "x" * 4999}),
        patch(f"{PATH}/name/{name('long')}", {"value": ["x" * 2000, "y" * 2000]}),
        delete(f"{PATH}/name/{name('long')}"),
    ],
    "names": [
        step
        for text in ("", "a" * 255, "-_-", "0", "é", "A", "a b", "a/b", "a.b", "a" * 256)
        for step in (put(text, tags=["names"]), delete(f"{PATH}/$variable"))
    ],
    "wrong": [
        put(name("wrong"), tags=None),
        put(name("wrong"), tags=[1]),
        put(name("wrong"), more=1),
        post(f"{PATH}/", {"name": name("wrong")}),
        post(f"{PATH}/", {"value": 1}),
        post(f"{PATH}/", {"name": "A B", "value": "x" * 5000}),
        patch(f"{PATH}/{NOBODY}", {"name": "A B"}),
        patch(f"{PATH}/{NOBODY}", {"name": None}),
        get(f"{PATH}/name/none-of-variables"),
        post(f"{PATH}/filter", {"limit": 201}),
        post(f"{PATH}/filter", {"limit": -1}),
        post(f"{PATH}/filter", {"offset": -1}),
        post(f"{PATH}/filter", {"limit": 0}),
        *[step for wrong in NOT_IDS if wrong != "null" for step in (get(f"{PATH}/{wrong}"), delete(f"{PATH}/{wrong}"))],
    ],
    "listed": [
        put(name("b"), tags=["x", "y"]),
        put(name("a"), tags=["x"]),
        put(name("c")),
        patch(f"{PATH}/name/{name('a')}", {"value": 2}),
        *[post(f"{PATH}/filter", {"variables": only(*LISTED), "sort": way}) for way in ("NAME_ASC", "NAME_DESC")],
        *[post(f"{PATH}/filter", {"variables": only(*LISTED), "sort": way}) for way in ("CREATED_DESC", "other")],
        post(f"{PATH}/filter", {"variables": only(*LISTED), "limit": 1, "offset": 1}),
        *found(only("a", "none")),
        *found({"name": {"any_": []}}),
        *found({"name": {"like_": "B-OF-VAR"}}),
        *found({"name": {"like_": "%-of_variables"}}),
        *found({"id": {"any_": ["$variable"]}}),
        *found({"id": {"any_": []}}),
        *found({**only(*LISTED), "tags": {"all_": ["x"]}}),
        *found({**only(*LISTED), "tags": {"all_": ["x", "y"]}}),
        *found({**only(*LISTED), "tags": {"all_": []}}),
        *found({**only(*LISTED), "tags": {"is_null_": True}}),
        *found({**only(*LISTED), "tags": {"is_null_": False}}),
        *found({**only(*LISTED), "tags": {"operator": "or_", "is_null_": True, "all_": ["y"]}}),
        *found({"operator": "or_", **only("a"), "id": {"any_": ["$variable"]}}),
        *found({"values": 1}),
        *[delete(f"{PATH}/name/{name(each)}") for each in LISTED],
    ],
}
