"""The flow run that goes on here. Each attribute is worked out when it is read.

Outside of a run each is None, save where an empty value is named.

- `id`: its id, as text.
- `name`: its name.
- `flow_name`, `flow_version`: the name and the version of its flow.
- `parameters`: its arguments by name; an empty object outside of a run.
- `tags`: its tags and those of `tags` around, sorted; an empty list outside of a run.
- `scheduled_start_time`: when it should begin, a datetime in UTC.
- `run_count`: which try this is, from 1 on; 0 outside of a run.
- `parent_flow_run_id`: the id of the flow run that called it; None for an outermost one.
- `root_flow_run_id`: the id of the outermost flow run, which may be this one.
- `parent_deployment_id`: the id of the deployment of the flow run that called it.
- `job_variables`: what its infrastructure was given.
- `api_url`, `ui_url`: its addresses in the API and in the pages; None where no address is set.
"""

from __future__ import annotations

from typing import Any

from lictor.sdk.runtime import FLOW_RUN, said

__all__ = list(FLOW_RUN)


def __getattr__(name: str) -> Any:
    """Return what is known."""
    return said("flow_run", FLOW_RUN, name)


def __dir__() -> list[str]:
    """List what can be known."""
    return sorted(FLOW_RUN)
