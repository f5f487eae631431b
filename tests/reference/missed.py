"""Applies a deployment with a schedule: `python missed.py prefect` or `python missed.py lictor [POLICY]`."""
# mypy: ignore-errors

import sys
from importlib import import_module

package = import_module(sys.argv[1])
schedules = import_module(f"{sys.argv[1]}.schedules")
policy = {"catch_up": sys.argv[2]} if len(sys.argv) > 2 else {}


@package.flow
def of_both(x=1):
    """Do nothing."""


if __name__ == "__main__":
    nightly = schedules.Cron("0 2 * * *", timezone="UTC", slug="nightly", **policy)
    print(of_both.to_deployment("missed", schedules=[nightly]).apply())
