"""Flows that both SDKs run alike: `python stories.py prefect` or `python stories.py lictor`, with PREFECT_API_URL set.

Prints a JSON object of what each flow gave back.
"""
# mypy: ignore-errors

import asyncio
import json
import logging
import sys
from importlib import import_module

package = import_module(sys.argv[1])
flow, task, unmapped, get_run_logger, tags, allow_failure = (
    getattr(package, name) for name in ("flow", "task", "unmapped", "get_run_logger", "tags", "allow_failure")
)
states = package if sys.argv[1] == "lictor" else import_module("prefect.states")
Completed, Failed = states.Completed, states.Failed
runners = import_module(f"{sys.argv[1]}.task_runners")
tries = {}


@task(tags=["etl"])
def add_one(x):
    return x + 1


@task(retries=2, retry_delay_seconds=0)
def third_time(x):
    tries[x] = tries.get(x, 0) + 1
    if tries[x] < 3:
        raise ValueError(f"try {tries[x]}")
    return x


@task
def breaks():
    raise RuntimeError("broken")


@task
def outer(x):
    return add_one(x) * 10


@task
async def later(x):
    await asyncio.sleep(0)
    return x * 2


@flow(name="story-simple", version="7", description="A simple one")
def simple(x: int = 1):
    return add_one(x)


@flow(name="story-logs", log_prints=True)
def logs():
    get_run_logger().warning("from the logger")
    logging.getLogger("someone.else").warning("not kept")
    print("from a print")
    return 1


@flow(name="story-mapped")
def mapped():
    first = add_one.map([1, 2, 3])
    second = add_one.map(first)
    return sum(future.result() for future in second)


@flow(name="story-retried")
def retried():
    return third_time.submit(5).result()


@flow(name="story-failing")
def failing():
    breaks()


@flow(name="story-survives")
def survives():
    state = breaks(return_state=True)
    return state.type.value


@flow(name="story-flow-retried", retries=1, retry_delay_seconds=0)
def flow_retried():
    tries["flow"] = tries.get("flow", 0) + 1
    if tries["flow"] == 1:
        raise ValueError("first")
    return "second"


@flow(name="story-child", flow_run_name="child-of-{x}")
def child(x):
    return add_one(x)


@flow(name="story-parent")
def parent():
    return child(1) + child(2)


@flow(name="story-nested")
def nested():
    return outer(1)


@flow(name="story-waits")
def waits():
    first = add_one.submit(1)
    second = add_one.submit(10, wait_for=[first])
    third = add_one.submit(second)
    return third.result()


@flow(name="story-returned-state")
def returned_state():
    return Completed(message="all is well", name="Tidy")


@flow(name="story-returned-failure")
def returned_failure():
    return Failed(message="not today")


@flow(name="story-async")
async def asynchronous(x: int):
    first = await later(x)
    others = [later.submit(each) for each in (1, 2)]
    return first + sum([other.result() for other in others])


@flow(name="story-async-parent")
async def async_parent():
    return await asynchronous(5)


@flow(name="story-tagged")
def tagged():
    with tags("inside"):
        return add_one(1)


@flow(name="story-typed")
def typed(x: int, names: list[str]):
    return [x, names]


told_hooks = []


def hook(name):
    def called(owner, run, state):
        told_hooks.append([name, owner.name, state.type.value, state.name])

    return called


def hooks(*names):
    return {name: [hook(name)] for name in names}


@task(retries=1, retry_delay_seconds=0, **hooks("on_running", "on_completion", "on_failure"))
def hooked_task(key, often):
    tries[key] = tries.get(key, 0) + 1
    if tries[key] <= often:
        raise ValueError("once more")
    return key


@flow(name="story-hooked", **hooks("on_running", "on_completion", "on_failure", "on_cancellation", "on_crashed"))
def hooked(key, often):
    return hooked_task(key, often)


@flow(name="story-hooked-cancelled", **hooks("on_completion", "on_failure", "on_cancellation", "on_crashed"))
def hooked_cancelled():
    return states.Cancelled()


@flow(name="story-hooked-retried", retries=1, retry_delay_seconds=0, **hooks("on_running", "on_failure"))
def hooked_retried():
    tries["hooked"] = tries.get("hooked", 0) + 1
    if tries["hooked"] == 1:
        raise ValueError("first")


@task(timeout_seconds=0.5)
def too_slow():
    import time

    time.sleep(20)


@flow(name="story-timed-task")
def timed_task():
    state = too_slow(return_state=True)
    return [state.type.value, state.name]


@flow(name="story-timed-flow", timeout_seconds=1)
async def timed_flow():
    await asyncio.sleep(20)


@task(retries=3, retry_delay_seconds=0, retry_condition_fn=lambda task, run, state: tries["picky"] < 2)
def picky():
    tries["picky"] = tries.get("picky", 0) + 1
    raise ValueError("picky")


@flow(name="story-picky")
def picky_flow():
    picky(return_state=True)
    return tries["picky"]


@task
def counts(most):
    yield from range(most)


@flow(name="story-yields")
def yields():
    return list(counts(3))


@flow(name="story-allows")
def allows():
    return add_one.submit(1).result() + len(text_of(allow_failure(breaks.submit())))


@task
def text_of(error):
    return str(error)


@flow(name="story-threads", task_runner=runners.ThreadPoolTaskRunner(max_workers=2))
def threads():
    return [add_one.submit(1).result(), *add_one.map([2, 3]).result(), problem_of(breaks.submit())]


@flow(name="story-processes", task_runner=runners.ProcessPoolTaskRunner(max_workers=2))
def processes():
    return [add_one.submit(1).result(), *add_one.map([2, 3]).result(), problem_of(breaks.submit())]


def problem_of(future):
    return str(future.result(raise_on_failure=False))


def ended(run):
    try:
        found = run()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return getattr(found, "name", found) if hasattr(found, "state_details") else found


def main():
    with tags("outside"):
        told = {"tagged": ended(tagged)}
    told["simple"] = ended(lambda: simple(4))
    for name in [
        "logs",
        "mapped",
        "retried",
        "failing",
        "survives",
        "flow_retried",
        "parent",
        "nested",
        "waits",
        "returned_state",
    ]:
        told[name] = ended(globals()[name])
    told["returned_failure"] = ended(returned_failure)
    told["typed"] = ended(lambda: typed("3", names=("a", "b")))
    told["wrong"] = ended(lambda: typed("three", names=[])).split(":")[0]
    told["async"] = ended(lambda: asyncio.run(asynchronous(3)))
    told["async_parent"] = ended(lambda: asyncio.run(async_parent()))
    told["hooked"] = [ended(lambda: hooked("a", 1)), ended(lambda: hooked("b", 2))]
    told["hooked_cancelled"] = ended(hooked_cancelled).split(":")[0]
    for name in ["hooked_retried", "timed_task", "picky_flow", "yields", "allows", "threads", "processes"]:
        told[name] = ended(globals()[name])
    told["timed_flow"] = asyncio.run(timed_flow(return_state=True)).name
    told["hooks"] = told_hooks
    print(json.dumps(told))


if __name__ == "__main__":
    main()
