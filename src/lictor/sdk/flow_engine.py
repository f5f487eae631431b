"""Runs the flow run that PREFECT__FLOW_RUN_ID names, or the first argument: `python -m lictor.sdk.flow_engine`."""

from __future__ import annotations

import os
import sys
from uuid import UUID

from lictor.client.errors import ClientError
from lictor.engine.errors import Aborted
from lictor.sdk.execution import ENTRYPOINT, execute
from lictor.sdk.run_process import RUN_ID


def main() -> int:
    """Run the flow run; 0 says that the server knows how it ended."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.pop(RUN_ID, "")
    try:
        execute(UUID(given), os.environ.pop(ENTRYPOINT, None))
    except (Aborted, ClientError, ValueError) as wrong:
        print(f"Flow run {given or '(none)'}: {wrong}", file=sys.stderr)  # what its parent shows
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
