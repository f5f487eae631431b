"""Pages of lists: their bounds, their counts, and their order."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import Api

RESOURCES = ("flows", "flow_runs", "task_runs")
NOBODY = str(uuid4())


@pytest.fixture(scope="module")
def flow(api: Api) -> str:
    flow_id: str = api("POST", "/flows/", {"name": f"pages {uuid4()}"})[1]["id"]
    for at in range(5):
        run = api("POST", "/flow_runs/", {"flow_id": flow_id, "name": f"r{at}"})[1]["id"]
    for at in range(5):
        api("POST", "/task_runs/", {"flow_run_id": run, "task_key": "k", "dynamic_key": str(at), "name": f"t{at}"})
    return flow_id


# what is said of the page -> the names, or the status and the place of the mistake
PAGES: dict[str, tuple[dict[str, Any], Any]] = {
    "the first": ({"limit": 2}, (["r0", "r1"], 5, 2, 3, 1)),
    "the second": ({"limit": 2, "page": 2}, (["r2", "r3"], 5, 2, 3, 2)),
    "the last": ({"limit": 2, "page": 3}, (["r4"], 5, 2, 3, 3)),
    "behind the last": ({"limit": 2, "page": 99}, ([], 5, 2, 3, 99)),
    "far behind": ({"limit": 2, "page": 2**62}, ([], 5, 2, 3, 2**62)),
    "of all": ({}, (["r0", "r1", "r2", "r3", "r4"], 5, 200, 1, 1)),
    "null": ({"limit": None, "page": None}, (["r0", "r1", "r2", "r3", "r4"], 5, 200, 1, 1)),
    "of nothing": ({"limit": 0}, ([], 5, 0, 0, 1)),
    "numbers in quotes": ({"limit": "2", "page": "2"}, (["r2", "r3"], 5, 2, 3, 2)),
    "a whole fraction": ({"limit": 5.0}, (["r0", "r1", "r2", "r3", "r4"], 5, 5, 1, 1)),
    "page 0": ({"page": 0}, ["body", "page"]),
    "a fraction": ({"limit": 1.5}, ["body", "limit"]),
    "no number": ({"limit": "x"}, ["body", "limit"]),
    "negative": ({"limit": -1}, None),
    "too large": ({"limit": 201}, None),
    "an unknown order": ({"sort": "NOPE"}, ["body", "sort"]),
}


@pytest.mark.parametrize("case", PAGES)
def test_a_page_is_answered(api: Api, flow: str, case: str) -> None:
    fields, expected = PAGES[case]
    asked = {"flows": {"id": {"any_": [flow]}}, "sort": "NAME_ASC", **fields}
    status, content = api("POST", "/flow_runs/paginate", asked)
    if isinstance(expected, tuple):
        names = [each["name"] for each in content["results"]]
        assert (status, names, *(content[name] for name in ("count", "limit", "pages", "page"))) == (200, *expected)
    elif expected is None:
        assert (status, set(content)) == (422, {"detail"})
    else:
        assert (status, content["exception_detail"][0]["loc"]) == (422, expected)


@pytest.mark.parametrize("resource", RESOURCES)
def test_pages_together_are_the_list(api: Api, flow: str, resource: str) -> None:
    asked = {"flows": {"id": {"any_": [flow]}}, "sort": "NAME_DESC"}
    pages = [api("POST", f"/{resource}/paginate", {**asked, "limit": 2, "page": page})[1] for page in (1, 2, 3)]
    listed = api("POST", f"/{resource}/filter", asked)[1]
    paged = [each for page in pages for each in page["results"]]
    assert [each["id"] for each in paged] == [each["id"] for each in listed]
    assert {page["count"] for page in pages} == {len(listed)}


def test_a_page_says_less_of_task_runs(api: Api, flow: str) -> None:
    asked = {"flows": {"id": {"any_": [flow]}}, "sort": "NAME_ASC", "limit": 1}
    listed = api("POST", "/task_runs/filter", asked)[1][0]
    paged = api("POST", "/task_runs/paginate", asked)[1]["results"][0]
    missing = "cache_expiration cache_key dynamic_key expected_start_time flow_run_run_count labels"
    assert set(listed) - set(paged) == {
        *missing.split(),
        "next_scheduled_start_time",
        "run_count",
        "state_name",
        "state_type",
    }
    live = ("estimated_start_time_delta",)
    assert {name: paged[name] for name in paged if name not in live} == {
        name: listed[name] for name in paged if name not in live
    }


WITHOUT_A_BODY = ("/flows/filter", "/flow_runs/count", "/task_runs/paginate", "/logs/filter", "/flow_runs/lateness")


@pytest.mark.parametrize("path", WITHOUT_A_BODY)
def test_a_question_may_go_without_a_body(api: Api, path: str) -> None:
    assert api("POST", path)[0] == api("POST", path, {})[0] == 200


def test_a_question_that_must_say_something(api: Api) -> None:
    status, content = api("POST", "/flow_runs/history")
    assert (status, content["exception_detail"][0]["loc"][0]) == (422, "body")
