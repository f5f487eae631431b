"""What the process of a flow run finds in its environment."""

from __future__ import annotations

import os
from uuid import UUID

RUN_ID = "PREFECT__FLOW_RUN_ID"
ENTRYPOINT = "PREFECT__FLOW_ENTRYPOINT"
"""Where its flow is, if not where its deployment says."""
CLAIM = "LICTOR__CLAIM"
"""The id of the state by which the run was claimed."""
HOOKS = "LICTOR__HOOKS"
"""Whether the process is to call the hooks of a run that has ended, and nothing else."""


def take_claim(run_id: UUID) -> UUID | None:
    """Return the claim for which this process was started, if it was for this run; what it starts gets none."""
    claim = os.environ.pop(CLAIM, None)
    return UUID(claim) if claim and os.environ.get(RUN_ID) == str(run_id) else None
