"""A flow that is ended from outside: `python endings.py prefect NAME` or `python endings.py lictor NAME`.

Says `ready` once it runs, and then waits in a task to be ended: in short sleeps, since a signal that comes just before
a long one does not end it.
"""
# mypy: ignore-errors

import sys
import time
from importlib import import_module

package = import_module(sys.argv[1])
flow, task, get_run_logger = (getattr(package, name) for name in ("flow", "task", "get_run_logger"))


@task
def waits():
    print("ready", flush=True)
    for _ in range(6_000):
        time.sleep(0.05)


@flow(name=sys.argv[2])
def ended():
    get_run_logger().info("about to wait")
    waits()


ended()
