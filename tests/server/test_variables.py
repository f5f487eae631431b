"""Variables and saved searches on both databases: what cannot be seen from one answer alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.server.conftest import Api


def test_of_many_who_make_a_variable_one_makes_it(api: Api) -> None:
    name = str(uuid4())
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: api("POST", "/variables/", {"name": name, "value": n})[0], range(16)))
    assert sorted(made) == [201] + [409] * 15
    with ThreadPoolExecutor(8) as threads:
        gone = list(threads.map(lambda _: api("DELETE", f"/variables/name/{name}")[0], range(8)))
    assert sorted(gone) == [204] + [404] * 7


def test_of_many_who_rename_to_one_name_one_does(api: Api) -> None:
    name = str(uuid4())
    ids = [api("POST", "/variables/", {"name": str(uuid4()), "value": 1})[1]["id"] for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        renamed = list(threads.map(lambda each: api("PATCH", f"/variables/{each}", {"name": name})[0], ids))
    assert sorted(renamed) == [204] + [409] * 7
    assert api("GET", f"/variables/name/{name}")[0] == 200


def test_changes_of_a_variable_are_told_as_events(api: Api) -> None:
    name = str(uuid4())
    made = api("POST", "/variables/", {"name": name, "value": {"a": 1}, "tags": ["t"]})[1]
    api("PATCH", f"/variables/{made['id']}", {"value": 2})
    api("DELETE", f"/variables/{made['id']}")
    sought = {"filter": {"resource": {"id": [f"prefect.variable.{made['id']}"]}, "order": "ASC"}}
    events = api("POST", "/events/filter", sought)[1]["events"]
    assert [each["event"].rpartition(".")[2] for each in events] == ["created", "updated", "deleted"]
    assert events[0]["payload"] == {"name": name, "value": {"a": 1}, "tags": ["t"]}
    assert events[1]["payload"]["value"] == 2
    assert events[0]["resource"]["prefect.resource.name"] == name


def test_of_many_who_save_a_search_all_save_the_same(api: Api) -> None:
    name = str(uuid4())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: api("PUT", "/saved_searches/", {"name": name}), range(16)))
    assert sorted(status for status, _ in answers) == [200] * 15 + [201]
    assert len({body["id"] for _, body in answers}) == 1


def test_a_run_gets_the_values_that_variables_have_when_it_is_made(api: Api) -> None:
    name, other = str(uuid4()), str(uuid4())
    api("POST", "/variables/", {"name": name, "value": [1]})
    api("POST", "/variables/", {"name": other, "value": name})
    named = {"__prefect_kind": "workspace_variable", "variable_name": name}
    by_other = {"__prefect_kind": "workspace_variable", "variable_name": {**named, "variable_name": other}}
    body = {"name": "d", "flow_id": api.flow(), "parameters": {"a": named, "b": {"c": by_other}}}
    deployment = api("POST", "/deployments/", body)[1]["id"]
    assert api("POST", f"/deployments/{deployment}/create_flow_run", {})[1]["parameters"] == {"a": [1], "b": {"c": [1]}}
    api("PATCH", f"/variables/name/{name}", {"value": None})
    made = api("POST", f"/deployments/{deployment}/create_flow_run", {"parameters": {"d": 1}})[1]
    assert made["parameters"] == {"a": None, "b": {"c": None}, "d": 1}
    api("DELETE", f"/variables/name/{name}")
    status, answer = api("POST", f"/deployments/{deployment}/create_flow_run", {})
    assert (status, name in answer["detail"]) == (400, True)
