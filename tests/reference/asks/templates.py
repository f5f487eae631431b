"""What is asked of templates: whether they could be rendered."""

from __future__ import annotations

from tests.reference.asks.steps import post
from tests.reference.telling import Step, Story

GOOD = ["", "x", "{{ a }}", "{% for x in y %}{% endfor %}", "{{ a|nofilter }}", "{{ x.__class__ }}", None]
BAD = [
    "{{ a",
    "one\n{{ a.b( }}",
    "{% for a in x %}{% for b in y %}{% for c in z %}{% endfor %}{% endfor %}{% endfor %}",
    3,
    {"a": 1},
    [],
]
PATHS = ("/templates/validate", "/automations/templates/validate")

STORIES: dict[str, Story] = {
    "templates": [
        *(post(path, text) for path in PATHS for text in [*GOOD, *BAD]),
        *(Step("POST", path) for path in PATHS),
    ],
}
