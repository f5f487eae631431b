"""Looks at a server's page of runs, as the demo does: `python -m tests.ui.seen http://127.0.0.1:4200 RUN_ID`.

A real browser has to show that the run completed. Where none is installed the page's own question is asked of the API;
in continuous integration there must be one.
"""

from __future__ import annotations

import os
import sys

import httpx
from playwright.sync_api import expect, sync_playwright

from tests.ui.chromium import CHROMIUM, QUIET

SECONDS = 20


def shown(origin: str, run_id: str) -> str:
    """Return the run's line in the page, once that says that it completed."""
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser:
        page = browser.new_page()
        page.goto(f"{origin}/runs")
        row = page.get_by_role("row").filter(has=page.locator(f"a[href$='{run_id}']"))
        expect(row).to_contain_text("Completed", timeout=SECONDS * 1000)
        return " | ".join(row.get_by_role("cell").all_inner_texts())


def answered(origin: str, run_id: str) -> str:
    """Return what the API answers of the run to the page."""
    body = {"flow_runs": {"id": {"any_": [run_id]}, "state": {"type": {"any_": ["COMPLETED"]}}}}
    (run,) = httpx.post(f"{origin}/api/flow_runs/filter", json=body).raise_for_status().json()
    return f"{run['state_name']} | {run['name']} (as its API has it: no Chromium is installed)"


if __name__ == "__main__":
    look = shown if CHROMIUM or os.environ.get("CI") == "true" else answered
    print(look(*sys.argv[1:]))
