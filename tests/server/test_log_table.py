"""The log of a flow run as a CSV file."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.server.conftest import Api

START = datetime(2021, 1, 1, tzinfo=UTC)
MESSAGES = ("plain", 'with "quotes", and commas', "two\nlines", "", "ü 漢", "=1+1", "\\x00")


def test_a_log_is_a_file_named_after_its_run(api: Api) -> None:
    run = api.flow_run(name="Ä run/1")
    task = api("POST", "/task_runs/", {"flow_run_id": run, "task_key": "k", "dynamic_key": "0"})[1]["id"]
    lines = [
        {
            "name": "n",
            "level": 20 + at,
            "message": message,
            "timestamp": (START + timedelta(seconds=at / 2)).isoformat(),
        }
        | {"flow_run_id": run, "task_run_id": task if at % 2 else None}
        for at, message in enumerate(MESSAGES)
    ]
    api("POST", "/logs/", lines)
    answer = api.http.get(f"/flow_runs/{run}/logs/download")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    named = "attachment; filename=\"flow-run-logs.csv\"; filename*=UTF-8''%C3%84%20run%2F1-logs.csv"
    assert answer.headers["content-disposition"] == named
    assert answer.text.startswith("timestamp,level,flow_run_id,task_run_id,message\r\n2021-01-01 00:00:00+00:00,20,")
    _, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert [row[4] for row in rows] == list(MESSAGES)
    assert rows[1] == ["2021-01-01 00:00:00.500000+00:00", "21", run, task, MESSAGES[1]]


def test_lines_that_came_in_any_order_are_in_that_of_their_times(api: Api) -> None:
    run, draw = api.flow_run(), random.Random(4)
    for block in range(250):  # more than are read at once, and all of them overlap
        times = [START + timedelta(seconds=draw.randrange(1000)) for _ in range(3)]
        lines = [
            {"name": "n", "level": 20, "message": f"{block} {at}", "timestamp": time.isoformat(), "flow_run_id": run}
            for at, time in enumerate(times)
        ]
        assert api("POST", "/logs/", lines)[0] == 201
    asked = {"logs": {"flow_run_id": {"any_": [run]}}}
    listed = [
        line["message"]
        for offset in range(0, 750, 200)
        for line in api("POST", "/logs/filter", {**asked, "offset": offset})[1]
    ]
    _, *rows = csv.reader(io.StringIO(api.http.get(f"/flow_runs/{run}/logs/download").text, newline=""))
    assert len(rows) == 750
    assert [row[4] for row in rows] == listed


def test_a_run_without_a_log_and_no_run(api: Api) -> None:
    answer = api.http.get(f"/flow_runs/{api.flow_run()}/logs/download")
    assert (answer.status_code, answer.text) == (200, "timestamp,level,flow_run_id,task_run_id,message\r\n")
    assert api("GET", f"/flow_runs/{uuid4()}/logs/download") == (404, {"detail": "Flow run not found"})
