"""Runs the flow run that PREFECT__FLOW_RUN_ID names, or the first argument: `python -m lictor.sdk.flow_engine`."""

from __future__ import annotations

import os
import sys
from uuid import UUID

from lictor.client.errors import ClientError
from lictor.engine.errors import Aborted, EntrypointError
from lictor.sdk.execution import call_hooks, execute
from lictor.sdk.run_environment import ENTRYPOINT, HOOKS, RUN_ID, take_claim


def main() -> int:
    """Run the flow run; 0 says that the server knows how it ended."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get(RUN_ID, "")
    entrypoint = os.environ.pop(ENTRYPOINT, None)
    try:
        run_id = UUID(given)
        if os.environ.pop(HOOKS, None):
            call_hooks(run_id, entrypoint)
        else:
            execute(run_id, entrypoint, take_claim(run_id))
    except (Aborted, ClientError, EntrypointError, ValueError) as wrong:
        print(f"Flow run {given or '(none)'}: {wrong}", file=sys.stderr)  # what its parent shows
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
