"""Flows that pause, run by both SDKs alike: `python pauses.py prefect` or `python pauses.py lictor`.

PREFECT_API_URL must be set. Prints a JSON object of what each flow gave back.
"""
# mypy: ignore-errors

import asyncio
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from importlib import import_module

from pydantic import BaseModel

package = import_module(sys.argv[1])
flow, task = package.flow, package.task
pause_flow_run, suspend_flow_run, runtime = package.pause_flow_run, package.suspend_flow_run, package.runtime
RunInput = import_module(f"{sys.argv[1]}.input").RunInput
URL = os.environ["PREFECT_API_URL"]


class Inner(BaseModel):
    size: int


class Approval(RunInput):
    approved: bool
    inner: Inner | None = None


def ask(method, path, body=None):
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}{path}", content, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=400) as answer:
        return json.loads(answer.read() or b"null")


def resumed(run_id, *inputs):
    """Resume a run as often as there are inputs, once each is asked for; note the server's answers."""
    said = []

    def resume():
        for given in inputs:
            until = time.monotonic() + 400
            while time.monotonic() < until:
                state = ask("GET", f"/flow_runs/{run_id}")["state"]
                keys = state["state_details"]["run_input_keyset"]
                if state["type"] != "PAUSED" or (keys and not is_asked(run_id, keys["schema"])):
                    time.sleep(0.05)
                    continue
                answer = ask("POST", f"/flow_runs/{run_id}/resume", {"run_input": given})
                said.append(answer["status"])
                break

    thread = threading.Thread(target=resume)
    thread.start()
    return said


def is_asked(run_id, key):
    try:
        ask("GET", f"/flow_runs/{run_id}/input/{key}")
    except urllib.error.HTTPError:
        return False
    return True


@task
def one():
    return 1


@flow(name="pause-plain")
def plain():
    one()
    resumed(runtime.flow_run.id, None)
    return [pause_flow_run(timeout=400, poll_interval=1), one()]


@flow(name="pause-typed")
def typed():
    said = resumed(runtime.flow_run.id, {"approved": "perhaps"}, {"approved": True, "inner": {"size": 3}})
    asked = Approval.with_initial_data(description="Shall it?", approved=False)
    found = pause_flow_run(asked, timeout=400, poll_interval=1)
    return [found.approved, found.inner.size, type(found).__name__, said]


@flow(name="pause-value")
def value():
    resumed(runtime.flow_run.id, {"value": [1, 2]})
    return pause_flow_run(list[int], timeout=400, poll_interval=1)


@flow(name="pause-twice")
def twice():
    resumed(runtime.flow_run.id, None, None)
    for _ in range(2):
        pause_flow_run(timeout=400, poll_interval=1)
    for _ in range(2):
        pause_flow_run(timeout=400, poll_interval=1, key="1")


@flow(name="pause-late")
def late():
    pause_flow_run(timeout=1, poll_interval=1)


@flow(name="pause-async")
async def asynchronous():
    resumed(runtime.flow_run.id, {"approved": True})
    return (await pause_flow_run(Approval, timeout=400, poll_interval=1)).approved


tries = []


@flow(name="pause-retried", retries=2)
def retried():
    tries.append(1)
    if len(tries) == 1:
        resumed(runtime.flow_run.id, None, None)
    pause_flow_run(timeout=400, poll_interval=1)
    if len(tries) == 1:
        raise ValueError("first")
    return len(tries)


@task
def pauses():
    return pause_flow_run(timeout=400, poll_interval=1)


@flow(name="pause-in-task")
def in_task():
    resumed(runtime.flow_run.id, None)
    return pauses()


@flow(name="pause-undeployed")
def undeployed():
    suspend_flow_run(timeout=400)


def ended(run):
    try:
        return run()
    except Exception as error:
        return isinstance(error, RuntimeError)


def main():
    told = {
        name: ended(globals()[name])
        for name in ("plain", "typed", "value", "twice", "late", "retried", "in_task", "undeployed")
    }
    told["asynchronous"] = ended(lambda: asyncio.run(asynchronous()))
    print(json.dumps(told))


main()
