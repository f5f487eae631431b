"""The deployment whose run goes on here. Each attribute is worked out when it is read.

- `id`: its id; None for a run without a deployment.
- `flow_run_id`: the id of the flow run.
- `name`: its name, which the server is asked for; None for a run without a deployment.
- `parameters`: its own parameters, which the server is asked for, before those of the run; an empty object without one.
- `version`: the deployment's version when the run was made, or None.
"""

from __future__ import annotations

from typing import Any

from lictor.sdk.runtime import DEPLOYMENT, said

__all__ = list(DEPLOYMENT)


def __getattr__(name: str) -> Any:
    """Return what is known."""
    return said("deployment", DEPLOYMENT, name)


def __dir__() -> list[str]:
    """List what can be known."""
    return sorted(DEPLOYMENT)
