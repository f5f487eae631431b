"""What is asked of saved searches."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, delete, get, post
from tests.reference.telling import Step, Story

PATH = "/saved_searches"
FILTER = {"object": "flow", "property": "name", "type": "string", "operation": "equals", "value": "x"}


def put(name: str, *filters: Any, **body: Any) -> Step:
    """Save a search."""
    return Step("PUT", f"{PATH}/", {"name": name, "filters": list(filters), **body}, keep={"search": "id"})


STORIES: dict[str, Story] = {
    "saved, changed and removed": [
        put("$story", FILTER),
        get(f"{PATH}/$search"),
        put("$story", {**FILTER, "value": None}, {**FILTER, "value": [1, {"a": 2}]}),
        get(f"{PATH}/$search"),
        put("$story"),
        get(f"{PATH}/$search"),
        delete(f"{PATH}/$search"),
        delete(f"{PATH}/$search"),
        get(f"{PATH}/$search"),
        get(f"{PATH}/{NOBODY}"),
    ],
    "listed": [
        put("b $story"),
        put("a $story"),
        post(f"{PATH}/filter", {}),
        post(f"{PATH}/filter", {"limit": 1}),
        post(f"{PATH}/filter", {"limit": 1, "offset": 1}),
        post(f"{PATH}/filter", {"limit": 0}),
        post(f"{PATH}/filter", {"limit": 201}),
        post(f"{PATH}/filter", {"offset": -1}),
    ],
    "wrong": [
        put("$story", {}),
        put("$story", {**FILTER, "more": 1}),
        put("$story", more=1),
        Step("PUT", f"{PATH}/", {"filters": []}),
        Step("PUT", f"{PATH}/", {"name": None}),
        Step("PUT", f"{PATH}/", {"name": "$story", "filters": None}),
        Step("PUT", f"{PATH}/", {"name": "$story only"}),
    ],
}
