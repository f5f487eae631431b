"""Calls `deploy` of an SDK in one folder after the other, in one process: `python deploying.py SDK JSON`.

JSON is a list of folders with the words that come after `deploy`. Prints for each its exit code, what was said, and the
deployments of the server with their flows' names, which are deleted then unless `--keep` is among the words.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from typing import Any

import httpx


def taken(api: httpx.Client, keep: bool) -> dict[str, Any]:
    """Return all deployments by their full names, and delete them."""
    found = api.post("/deployments/filter", json={}).raise_for_status().json()
    for each in [] if keep else found:
        api.delete(f"/deployments/{each['id']}").raise_for_status()
    flows = {each["id"]: each["name"] for each in api.post("/flows/filter", json={}).raise_for_status().json()}
    return {f"{flows[each['flow_id']]}/{each['name']}": each for each in found}


sdk, asked = sys.argv[1:]
command = import_module("lictor.cli.main").lictor if sdk == "lictor" else import_module("prefect.cli").app
told: list[tuple[int, str, dict[str, Any]]] = []
for folder, words in json.loads(asked):
    os.chdir(folder)
    sys.argv = [sdk, "--no-prompt", "deploy", *(each for each in words if each != "--keep")]
    code, said = 0, io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            command()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    told.append(
        (
            code,
            said.getvalue(),
            taken(httpx.Client(base_url=os.environ["PREFECT_API_URL"], timeout=60), "--keep" in words),
        )
    )

print(json.dumps(told))
