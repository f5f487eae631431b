"""What flows and tasks return, and what comes of it: `python returns.py prefect` or `python returns.py lictor`."""
# mypy: ignore-errors

import sys
from importlib import import_module

package = import_module(sys.argv[1])
states = import_module(f"{sys.argv[1]}.states")
flow, task = package.flow, package.task
WORDS = ("the run failed", "the run crashed", "the run was cancelled", "Run failed.", "Run crashed.", "Run cancelled.")


def plain(value):
    """Return a value in a form that both have in common."""
    if isinstance(value, package.State):
        return f"State {value.type.value} {value.name}"
    if hasattr(value, "task_run_id"):
        return "Future"
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return f"{type(value).__name__} {[plain(each) for each in value]}"
    if isinstance(value, BaseException):
        return f"{type(value).__name__}({'' if str(value) in WORDS else value})"
    return repr(value)


def tell(what, ask):
    """Print what is answered, or raised."""
    try:
        print(what, "=", plain(ask()))
    except Exception as error:
        print(what, "raises", plain(error))


@task
def good(x=1):
    return x


@task
def bad():
    raise ValueError("boom")


@task
def returns(make):
    return make()


NEW = {
    "completed": lambda: states.Completed(data=3),
    "named": lambda: states.Completed(name="Skipped", message="so"),
    "failed": lambda: states.Failed(message="so"),
    "failed with a text": lambda: states.Failed(data="text"),
    "failed with an error": lambda: states.Failed(data=KeyError("k")),
    "failed with a state": lambda: states.Failed(data=states.Failed(data=KeyError("inner"))),
    "failed with states": lambda: states.Failed(data=[states.Completed(), states.Failed(data=KeyError("inner"))]),
    "cancelled": lambda: states.Cancelled(message="so"),
    "crashed": lambda: states.Crashed(message=None),
    "several": lambda: [states.Completed(data=1), states.Failed(data="text")],
    "several good ones": lambda: (states.Completed(data=1), states.Completed()),
    "several kinds": lambda: [states.Failed(), states.Cancelled(), states.Crashed()],
    "mixed": lambda: [states.Failed(), 1],
    "by name": lambda: {"a": states.Failed()},
    "none": list,
    "an error": lambda: ValueError("returned"),
}
OF_RUNS = {
    "a failed future": lambda: bad.submit(wait_for=None),
    "a tuple of futures": lambda: (good.submit(), bad.submit()),
    "futures by name": lambda: {"a": {good.submit()}, "b": [bad.submit(), 3]},
    "mapped": lambda: good.map([1, 2]),
    "a run's state": lambda: good(return_state=True),
    "a task that makes a state": lambda: returns(NEW["failed with a text"]),
}
IN_FLOWS = OF_RUNS | {name: NEW[name] for name in ("failed with a text", "failed with states", "several kinds")}


@flow
def of_tasks():
    for name, make in {**NEW, "futures": lambda: [good.submit(), bad.submit()]}.items():
        tell(f"task {name}", lambda make=make: returns(make))
        state = returns(make, return_state=True)
        tell(f"task {name} state", lambda state=state: state)
        tell(f"task {name} kept", lambda state=state: state.result(raise_on_failure=False))
        tell(f"task {name} result", lambda state=state: state.result())
        future = returns.submit(make)
        tell(f"task {name} future", lambda future=future: future.result(raise_on_failure=False))
    return 1


of_tasks()
for name, make in IN_FLOWS.items():
    one = flow(name="returns")(make)
    state = one(return_state=True)
    tell(f"flow {name}", one)
    tell(f"flow {name} state", lambda state=state: state)
    tell(f"flow {name} kept", lambda state=state: state.result(raise_on_failure=False))
    tell(f"flow {name} result", lambda state=state: state.result())
tell("exception", lambda: states.get_state_exception(states.Failed(data="text")))
tell("several", lambda: states.is_state_iterable([states.Failed()]) and not states.is_state_iterable([]))
