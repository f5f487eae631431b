"""Limits of names through the API: who waits for slots, and who gets them when they are free."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.postgres import Cluster
from tests.running import Server
from tests.server.conftest import Api

PATH = "/v2/concurrency_limits"
PATIENCE = 60.0

Asked = Future[httpx.Response]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def limit_of(api: Api, slots: int, **fields: Any) -> str:
    name = f"limit-{uuid4()}"
    assert api("POST", f"{PATH}/", {"name": name, "limit": slots, **fields})[0] == 201
    return name


def taken(api: Api, name: str) -> int:
    slots: int = api("GET", f"{PATH}/{name}")[1]["active_slots"]
    return slots


def lease(api: Api, *names: str, wait: int = 0, who: str | None = None, **fields: Any) -> httpx.Response:
    headers = {"Prefer": f"wait={wait}"} | ({} if who is None else {"Lictor-Waiter": who})
    body = {"names": names, "slots": 1, **fields}
    return api.http.post(f"{PATH}/increment-with-lease", json=body, headers=headers)


def end(api: Api, given: httpx.Response) -> None:
    assert api("POST", f"{PATH}/decrement-with-lease", {"lease_id": given.json()["lease_id"]}) == (204, None)


def in_line(api: Api, name: str, number: int) -> None:
    """Wait until so many stand in line."""
    end = time.monotonic() + PATIENCE
    while len(api("GET", f"{PATH}/{name}/holders")[1]["waiting"]) != number:
        assert time.monotonic() < end
        time.sleep(0.01)


def waiting(api: Api, pool: ThreadPoolExecutor, name: str, number: int) -> list[Asked]:
    """Let so many wait for a slot of a limit that is full, one after the other."""
    held = []
    for place in range(number):
        held.append(pool.submit(lease, api, name, wait=60, who=f"{uuid4()}"))
        in_line(api, name, place + 1)
    return held


def test_a_freed_slot_is_handed_to_whoever_waits_longest(api: Api, pool: ThreadPoolExecutor) -> None:
    name = limit_of(api, 1)
    first = lease(api, name)
    held = waiting(api, pool, name, 4)
    for given in held:
        end(api, first)
        first = given.result(PATIENCE)
        assert first.status_code == 200
        assert (taken(api, name), [one.done() for one in held].count(True)) == (1, held.index(given) + 1)
    end(api, first)
    assert taken(api, name) == 0


@pytest.mark.parametrize("preferred", ["wait=0", "respond-async, wait=0.2", "WAIT = 0", "wait=0;x"])
def test_a_request_is_held_as_long_as_it_prefers(api: Api, preferred: str) -> None:
    name = limit_of(api, 1)
    lease(api, name)
    began = time.monotonic()
    body = {"names": [name], "slots": 1}
    answer = api.http.post(f"{PATH}/increment-with-lease", json=body, headers={"Prefer": preferred})
    assert answer.status_code == 423
    assert time.monotonic() - began < 8  # less than it is held by itself


def test_a_newcomer_passes_nobody_who_is_to_come_again(api: Api) -> None:
    name, waits = limit_of(api, 1), str(uuid4())
    first = lease(api, name)
    refused = lease(api, name, who=waits)
    assert refused.status_code == 423
    assert 0 < float(refused.headers["retry-after"]) <= 30
    in_line(api, name, 1)
    end(api, first)
    assert lease(api, name).status_code == 423
    assert lease(api, name, who=waits).status_code == 200


def test_the_place_of_a_client_that_gives_no_name_is_kept(api: Api) -> None:
    """What the same machine asks for in the same words is taken for the same waiter, if none of it waits just now."""
    name = limit_of(api, 1)
    first = lease(api, name)
    for _ in range(3):
        assert lease(api, name).status_code == 423
    in_line(api, name, 1)
    assert lease(api, name, holder={"type": "task_run", "id": str(uuid4())}).status_code == 423
    in_line(api, name, 2)
    end(api, first)
    assert lease(api, name).status_code == 200


def test_a_place_that_nobody_comes_back_to_is_given_up(api: Api, pool: ThreadPoolExecutor) -> None:
    name = limit_of(api, 1)
    first = lease(api, name)
    lease(api, name, who="gone")
    in_line(api, name, 1)
    held = pool.submit(lease, api, name, wait=60)
    in_line(api, name, 2)
    end(api, first)
    given = held.result(PATIENCE)
    while given.status_code == 423:
        given = lease(api, name, wait=60)
    assert taken(api, name) == 1


def test_a_client_that_hangs_up_leaves_the_line(api: Api) -> None:
    name = limit_of(api, 1)
    first = lease(api, name)
    with httpx.Client(base_url=api.server.url, timeout=0.5) as impatient:
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                impatient.post(f"{PATH}/increment-with-lease", json={"names": [name], "slots": 1})
    in_line(api, name, 0)
    end(api, first)
    assert taken(api, name) == 0
    assert lease(api, name).status_code == 200


def test_who_needs_more_slots_is_not_passed_by_who_needs_fewer(api: Api, pool: ThreadPoolExecutor) -> None:
    name = limit_of(api, 3)
    holders = [lease(api, name) for _ in range(3)]
    many = pool.submit(lease, api, name, wait=60, slots=3)
    in_line(api, name, 1)
    few = pool.submit(lease, api, name, wait=60)
    in_line(api, name, 2)
    for holder in holders:
        assert not few.done()
        end(api, holder)
    end(api, many.result(PATIENCE))
    assert few.result(PATIENCE).status_code == 200


def test_who_waits_for_another_limit_keeps_nobody_from_this_one(api: Api) -> None:
    name, other = limit_of(api, 1), limit_of(api, 1)
    holds = lease(api, other)
    assert lease(api, name, other, who="both").status_code == 423
    given = lease(api, name)
    assert given.status_code == 200
    end(api, given)
    end(api, holds)
    assert lease(api, name, who="late").status_code == 423
    assert lease(api, name, other, who="both").status_code == 200


@pytest.mark.parametrize("change", [{"limit": 2}, {"active": False}, {"active_slots": 0}])
def test_a_changed_limit_lets_go_who_waits(api: Api, pool: ThreadPoolExecutor, change: dict[str, Any]) -> None:
    name = limit_of(api, 1)
    lease(api, name)
    (held,) = waiting(api, pool, name, 1)
    assert api("PATCH", f"{PATH}/{name}", change)[0] == 204
    assert held.result(PATIENCE).status_code == 200


def test_who_waits_for_a_limit_that_is_removed_needs_no_slot(api: Api, pool: ThreadPoolExecutor) -> None:
    name = limit_of(api, 1)
    lease(api, name)
    (held,) = waiting(api, pool, name, 1)
    assert api("DELETE", f"{PATH}/{name}")[0] == 204
    assert held.result(PATIENCE).json()["limits"] == []


def test_what_a_limit_cannot_give_any_more_is_refused(api: Api, pool: ThreadPoolExecutor) -> None:
    name = limit_of(api, 1)
    lease(api, name)
    (held,) = waiting(api, pool, name, 1)
    assert api("PATCH", f"{PATH}/{name}", {"limit": 0})[0] == 204
    assert held.result(PATIENCE).status_code == 422


def test_slots_of_a_rate_come_back_by_themselves(api: Api) -> None:
    name = limit_of(api, 2, slot_decay_per_second=20)
    began = time.monotonic()
    for _ in range(12):
        body = {"names": [name], "slots": 1, "mode": "rate_limit"}
        while (answer := api.http.post(f"{PATH}/increment", json=body)).status_code != 200:
            assert answer.status_code == 423
    assert time.monotonic() - began > 10 / 20 * 0.9


def test_a_slot_taken_without_a_lease_is_given_back_by_hand(api: Api) -> None:
    name = limit_of(api, 3)
    given = lease(api, name)
    body = {"names": [name], "slots": 2}
    assert api("POST", f"{PATH}/increment", body)[0] == 200
    assert taken(api, name) == 3
    assert api("POST", f"{PATH}/decrement", {"names": [name], "slots": 5})[0] == 200
    assert taken(api, name) == 1  # what a lease holds nobody else gives back
    end(api, given)
    assert taken(api, name) == 0


def test_it_is_told_who_holds_and_who_waits(api: Api) -> None:
    name, run_id, waits = limit_of(api, 1), str(uuid4()), str(uuid4())
    given = lease(api, name, holder={"type": "flow_run", "id": run_id})
    lease(api, name, holder={"type": "task_run", "id": waits})
    told = api("GET", f"{PATH}/{name}/holders")[1]
    (holder,), (waiter,) = told["holders"], told["waiting"]
    assert (holder["lease_id"], holder["slots"]) == (given.json()["lease_id"], 1)
    assert holder["holder"] == {"type": "flow_run", "id": run_id}
    assert waiter["holder"] == {"type": "task_run", "id": waits}
    assert holder["since"] < waiter["since"] < holder["until"]
    assert api("GET", f"{PATH}/none/holders")[0] == 404


def test_a_server_that_ends_answers_who_waits(
    tmp_path_factory: pytest.TempPathFactory, pool: ThreadPoolExecutor
) -> None:
    with Server(tmp_path_factory.mktemp("ends"), PREFECT_SERVER_CONCURRENCY_HOLD_SECONDS="600") as server:
        api = Api(server)
        name = limit_of(api, 1)
        lease(api, name)
        (held,) = waiting(api, pool, name, 1)
        assert server.end() == 0
        assert held.result(PATIENCE).status_code == 423


def test_two_servers_have_one_line(cluster: Cluster, pool: ThreadPoolExecutor) -> None:
    with cluster.database() as database:
        url = cluster.url(database)
        with (
            Server(PREFECT_SERVER_DATABASE_CONNECTION_URL=url) as one,
            Server(PREFECT_SERVER_DATABASE_CONNECTION_URL=url) as two,
        ):
            apis = [Api(one), Api(two)]
            name = limit_of(apis[0], 1)
            holds = lease(apis[0], name)
            held = []
            for place in range(6):
                held.append(pool.submit(lease, apis[place % 2], name, wait=60, who=str(place)))
                in_line(apis[0], name, place + 1)
            for place, given in enumerate(held):
                end(apis[1], holds)
                holds = given.result(PATIENCE)
                assert holds.status_code == 200
                assert taken(apis[0], name) == 1
                assert not any(one.done() for one in held[place + 1 :])


def test_a_server_that_is_killed_holds_nobody_up_for_long(cluster: Cluster, pool: ThreadPoolExecutor) -> None:
    with cluster.database() as database:
        where = {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": cluster.url(database),
            "PREFECT_SERVER_CONCURRENCY_HOLD_SECONDS": "2",
        }
        with Server(tempfolder(), **where) as one, Server(tempfolder(), **where) as two:
            apis = [Api(one), Api(two)]
            name = limit_of(apis[0], 1)
            holds = lease(apis[0], name)
            first = pool.submit(lease, apis[1], name, wait=60, who="at the killed one")
            in_line(apis[0], name, 1)
            two.end(signal.SIGKILL)
            with pytest.raises(httpx.HTTPError):
                first.result(PATIENCE)
            end(apis[0], holds)
            given = lease(apis[0], name, wait=60)
            until = time.monotonic() + PATIENCE
            while given.status_code == 423:
                assert time.monotonic() < until
                given = lease(apis[0], name, wait=60)
            assert given.status_code == 200, (given.text, one.log.read_text())
            assert taken(apis[0], name) == 1, given.text


def tempfolder() -> Path:
    return Path(tempfile.mkdtemp(prefix="lictor-test-"))
