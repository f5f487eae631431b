"""What is asked of collections; the catalogues are each server's own."""

from __future__ import annotations

from tests.reference.asks.steps import get
from tests.reference.telling import Step, Story

STORIES: dict[str, Story] = {
    "views": [
        Step("GET", "/collections/views/aggregate-worker-metadata", only_refusals=True),
        get("/collections/views/none"),
    ],
}
