"""What is asked of automations."""

from __future__ import annotations

from tests.reference.asks.steps import NOBODY, get
from tests.reference.telling import Story

STORIES: dict[str, Story] = {
    "none": [get(f"/automations/related-to/prefect.deployment.{NOBODY}"), get("/automations/related-to/x")],
}
