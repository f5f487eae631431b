"""Tells what flows and tasks say of themselves: `python attributes.py prefect` or `python attributes.py lictor`."""
# mypy: ignore-errors

import copy
import inspect
import pickle
import sys
from importlib import import_module

package = import_module(sys.argv[1])
exceptions = import_module(f"{sys.argv[1]}.exceptions")
flow, task = package.flow, package.task


def hook(*given): ...


def another_hook(*given): ...


def condition(*given): ...


@flow
def plain_flow(x: int, y: str = "a"):
    """Say what it does.

    At length.
    """


@flow(
    name="named",
    description="said",
    version="v3",
    retries=3,
    retry_delay_seconds=2,
    timeout_seconds=12,
    log_prints=True,
    validate_parameters=False,
    flow_run_name="n-{x}",
    on_completion=[hook],
    on_failure=[hook],
    on_crashed=[hook],
    on_cancellation=[hook],
    on_running=[hook],
)
async def other_flow(x=1): ...


@flow(timeout_seconds=0)
def yielding_flow():
    yield 1


@task
def plain_task(x: int):
    """Say it."""


@task(
    name="named",
    description="said",
    version="v3",
    tags=["b", "a"],
    retries=2,
    retry_delay_seconds=[1, 2],
    retry_jitter_factor=0.5,
    timeout_seconds=3,
    log_prints=False,
    task_run_name="x{x}",
    retry_condition_fn=condition,
    viz_return_value=4,
    on_completion=[hook],
    on_failure=[hook],
    on_running=[hook],
)
async def other_task(x=1): ...


@task(retries=3, retry_delay_seconds=lambda retries: [5] * retries)
async def yielding_task():
    yield 1


class Methods:
    @task
    def of_object(self): ...

    @task
    @classmethod
    def of_class(cls): ...


SHARED = (
    *("name", "description", "version", "retries", "retry_delay_seconds", "timeout_seconds", "log_prints"),
    *("isasync", "isgenerator", "ismethod", "isclassmethod", "isstaticmethod"),
    *("on_running_hooks", "on_completion_hooks", "on_failure_hooks", "__name__", "__doc__", "__module__"),
    "__qualname__",
)
OF_FLOWS = (*SHARED, "flow_run_name", "should_validate_parameters", "on_crashed_hooks", "on_cancellation_hooks")
OF_TASKS = (
    *(*SHARED, "tags", "task_key", "task_run_name", "retry_jitter_factor", "retry_condition_fn", "viz_return_value"),
)


def plain(value):
    """Return a value in a form that both have in common."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, float):
        return int(value)
    return getattr(value, "__name__", value)


def tell(what, ask):
    """Print what is answered, or what is raised."""
    try:
        print(what, "=", plain(ask()))
    except Exception as error:
        names = [name for name, kind in vars(exceptions).items() if kind is type(error)]
        print(what, "raises", *(names or [type(error).__name__]))


flows = (plain_flow, other_flow, yielding_flow)
tasks = (plain_task, other_task, yielding_task, Methods().of_object, Methods.of_class, Methods().of_class)
for one, names in (*((each, OF_FLOWS) for each in flows), *((each, OF_TASKS) for each in tasks)):
    for name in names:
        if (name != "version" or one not in (plain_flow, yielding_flow)) and name != "task_key":
            tell(f"{one.__qualname__} {name}", lambda one=one, name=name: getattr(one, name))
    tell("is callable", lambda one=one: callable(one))
    tell("copy", lambda one=one: (copy.copy(one).name, copy.deepcopy(one).name))
for one in (*flows, *tasks[:3]):
    tell(f"{one.name} wraps", lambda one=one: one.__wrapped__ is one.fn)
    tell(f"{one.name} signature", lambda one=one: str(inspect.signature(one)))
    tell(f"{one.name} pickled", lambda one=one: pickle.loads(pickle.dumps(one)).name)

ATTRIBUTES = {"validate_parameters": "should_validate_parameters"}
COMMON = ("name", "description", "timeout_seconds", "log_prints", "on_failure", "on_completion", "retries")
for one, names in (
    (other_flow, (*COMMON, "version", "retry_delay_seconds", "validate_parameters")),
    (other_task, (*COMMON, "tags", "retry_jitter_factor", "task_run_name", "retry_condition_fn", "viz_return_value")),
):
    for name in names:
        attribute = ATTRIBUTES.get(name, f"{name}_hooks" if name.startswith("on_") else name)
        tell(f"None for {name}", lambda one=one, n=name, a=attribute: getattr(one.with_options(**{n: None}), a))
    tell("another name", lambda one=one: (one.with_options(name="z").name, one.with_options(name="z").version))
    tell("no retries", lambda one=one: one.with_options(retries=0).retries)
    tell("another hook", lambda one=one: one.with_options(on_failure=[another_hook]).on_failure_hooks)
    one.on_completion(another_hook)
    tell("hooks", lambda one=one: one.with_options(name="y").on_completion_hooks)
    tell(
        "what is no name",
        lambda one=one: one.with_options(**{f"{one.name and type(one).__name__.lower()}_run_name": 3}),
    )
tell("key", lambda: plain_task.task_key.rpartition("-")[0])
tell("jitter", lambda: other_task.with_options(retry_jitter_factor=-1))
tell("given by name", lambda: (package.Flow(fn=plain_task.fn).name, package.Task(fn=plain_task.fn).name))

tell("converted", lambda: plain_flow.validate_parameters({"x": "3"}))
tell("not converted", lambda: plain_flow.validate_parameters({"x": "three"}))
tell("missing", lambda: plain_flow.validate_parameters({}))
tell("unknown", lambda: plain_flow.validate_parameters({"x": 1, "z": 2}))
tell("serialized", lambda: plain_flow.serialize_parameters({"x": {1}, "y": [None, "a"]}))
tell("schema", plain_flow.parameters.model_dump_for_openapi)
tell("required", lambda: (plain_flow.parameters.required, sorted(plain_flow.parameters.properties)))
