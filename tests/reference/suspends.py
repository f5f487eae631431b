"""Runs of deployments that leave their process and are run again, by both SDKs alike, on the reference's server.

`python suspends.py prefect` or `python suspends.py lictor`, with PREFECT_API_URL set. Prints what came of them.
"""
# mypy: ignore-errors

import asyncio
import json
import os
import sys
import urllib.error
import urllib.request
from importlib import import_module
from uuid import UUID, uuid4

SDK = sys.argv[1]
package = import_module(SDK)
flow, task, suspend_flow_run = package.flow, package.task, package.suspend_flow_run
URL = os.environ["PREFECT_API_URL"]


def ask(method, path, body=None):
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}{path}", content, {"content-type": "application/json"}, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=200) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            if refused.code != 503:  # the reference's server stalls now and then
                raise


@task
def one():
    return 1


@flow(name="suspend-plain")
def plain():
    one()
    found = suspend_flow_run(timeout=400)
    one()
    return found


@flow(name="suspend-twice")
def twice():
    return [suspend_flow_run(int, timeout=400), suspend_flow_run(int, timeout=400), suspend_flow_run(int, key="2")]


@flow(name="suspend-async")
async def asynchronous():
    return await suspend_flow_run(str, timeout=400)


def deployed(one):
    """Make a run of a deployment of a flow."""
    made = ask("POST", "/flows/", {"name": one.name})
    deployment = ask("POST", "/deployments/", {"name": str(uuid4()), "flow_id": made["id"]})
    return ask("POST", f"/deployments/{deployment['id']}/create_flow_run", {})["id"]


def run(one, run_id):
    """Run a run that exists as a worker does, and return its value, or None if it has not ended."""
    ask("POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": "PENDING"}})
    if SDK == "prefect":
        from prefect import get_client
        from prefect.exceptions import Pause
        from prefect.flow_engine import run_flow

        with get_client(sync_client=True) as client:
            known = client.read_flow_run(UUID(run_id))
        try:
            found = run_flow(one, flow_run=known)
            return asyncio.run(found) if asyncio.iscoroutine(found) else found
        except Pause:
            return None
    from lictor.client.client import Client
    from lictor.wire.operations import flow_run

    with Client() as client:
        state = one.run_again(client(flow_run.READ(id=run_id)))
    return state.result() if state.is_final() else None


def told(one, *inputs):
    """Run a flow until it has got all its inputs, and return what came of each stretch."""
    run_id = deployed(one)
    ends = [run(one, run_id)]
    for given in inputs:
        ends.append(ask("POST", f"/flow_runs/{run_id}/resume", {"run_input": given})["status"])
        ends.append(run(one, run_id))
    return ends


print(
    json.dumps(
        {
            "plain": told(plain, None),
            "twice": told(twice, {"value": 1}, {"value": 2}),
            "asynchronous": told(asynchronous, {"value": "text"}),
        }
    )
)
