"""The task run that goes on here. Each attribute is worked out when it is read.

Outside of a run each is None, save where an empty value is named.

- `id`: its id, as text.
- `name`: its name.
- `task_name`: the name of its task.
- `parameters`: its arguments by name; an empty object outside of a run.
- `tags`: its tags; an empty list outside of a run.
- `run_count`: which try this is, from 1 on; 0 outside of a run.
- `api_url`, `ui_url`: its addresses in the API and in the pages; None where no address is set.
"""

from __future__ import annotations

from typing import Any

from lictor.sdk.runtime import TASK_RUN, said

__all__ = list(TASK_RUN)


def __getattr__(name: str) -> Any:
    """Return what is known."""
    return said("task_run", TASK_RUN, name)


def __dir__() -> list[str]:
    """List what can be known."""
    return sorted(TASK_RUN)
