"""Deployments as users make them of their flows, before the server knows them."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast
from uuid import UUID

from lictor.client.errors import ObjectNotFound
from lictor.engine.effects import Block
from lictor.sdk.api.body import json_object
from lictor.sdk.api.deployment import change_deployment, create_deployment, read_deployment_by_name
from lictor.sdk.api.method import Steps as Calls
from lictor.sdk.api.work_pool import read_work_pool
from lictor.sdk.catch_up import give_policies, policies_of
from lictor.sdk.docker_image import DockerImage
from lictor.sdk.entrypoint import EntrypointType, entrypoint_of
from lictor.sdk.objects import Deployment
from lictor.sdk.parameter_schema import parameter_schema
from lictor.sdk.schedules import Schedule, construct_schedule
from lictor.sdk.steps import Steps, awaited, played
from lictor.sdk.storage import LocalStorage, RunnerStorage, pull_steps_of
from lictor.sdk.version_info import VersionType, version_info
from lictor.settings import current, table
from lictor.wire.operations import flow as flow_rows
from lictor.wire.types.catch_up import CatchUpPolicy
from lictor.wire.types.deployment import ConcurrencyLimitStrategy, ConcurrencyOptions, DeploymentScheduleCreate
from lictor.wire.types.flow import FlowCreate
from lictor.wire.types.schedule import Schedule as OfAPI
from lictor.wire.types.schedule import text_of

if TYPE_CHECKING:
    from lictor.sdk.flow import Flow
    from lictor.sdk.objects import WorkPool

Interval = float | timedelta

BESIDE = frozenset({"active", "max_scheduled_runs", "parameters", "slug", "replaces"})
"""What is said of a schedule beside when it fires."""
CATCH_UP = "catch_up"
"""What is said beside it, and told to the server apart."""


UNBUILT = {"triggers": "automations", "_sla": "service level agreements"}
"""What the reference's deployments say, too."""


class Source(NamedTuple):
    """Where a flow's code comes from, and where the flow is in it."""

    storage: RunnerStorage
    entrypoint: str


@dataclass
class ConcurrencyLimitConfig:
    """How many runs of a deployment go on at once, and what becomes of further ones.

    Args:
        limit: The most runs at once, at least 1.
        collision_strategy: ENQUEUE, the default, lets further runs wait; CANCEL_NEW cancels them.
        grace_period_seconds: How long a slot is kept for a run that does not begin, 60 to 86400.
    """

    limit: int
    collision_strategy: ConcurrencyLimitStrategy | Literal["ENQUEUE", "CANCEL_NEW"] = ConcurrencyLimitStrategy.ENQUEUE
    grace_period_seconds: int | None = None

    def options(self) -> ConcurrencyOptions:
        """Return it as the API has it."""
        strategy = ConcurrencyLimitStrategy(self.collision_strategy)
        return ConcurrencyOptions(collision_strategy=strategy, grace_period_seconds=self.grace_period_seconds)


@dataclass(kw_only=True)
class RunnerDeployment:
    """A deployment of a flow that the server is told of by `apply`; `Flow.to_deployment` makes one.

    Its fields are what the server keeps of it; `entrypoint` says where the flow is, `path` seen from which folder.
    `catch_up` are the catch-up policies of schedules by their slugs.
    """

    name: str
    flow_name: str
    entrypoint: str
    path: str | None = None
    description: str | None = None
    version: str | None = None
    version_type: VersionType | str | None = None
    version_from_flow: bool = False
    tags: list[str] = field(default_factory=list)
    schedules: list[DeploymentScheduleCreate] = field(default_factory=list)
    paused: bool | None = None
    concurrency_limit: int | None = None
    concurrency_options: ConcurrencyOptions | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    enforce_parameter_schema: bool = True
    parameter_openapi_schema: dict[str, Any] = field(default_factory=dict)
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: dict[str, Any] = field(default_factory=dict)
    pull_steps: list[dict[str, Any]] | None = None
    catch_up: dict[str, CatchUpPolicy] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The flow's and the deployment's name."""
        return f"{self.flow_name}/{self.name}"

    @classmethod
    def from_flow(  # noqa: PLR0913  # what is to be said of a deployment
        cls,
        flow: Flow[..., Any],
        name: str,
        *,
        interval: Iterable[Interval] | Interval | None = None,
        cron: Iterable[str] | str | None = None,
        rrule: Iterable[str] | str | None = None,
        schedule: Schedule | None = None,
        schedules: Iterable[Any] | None = None,
        concurrency_limit: int | ConcurrencyLimitConfig | None = None,
        parameters: dict[str, Any] | None = None,
        description: str | None = None,
        tags: list[str] | None = None,
        version: str | None = None,
        entrypoint_type: EntrypointType | Literal["file_path", "module_path"] = EntrypointType.FILE_PATH,
        **fields: Any,
    ) -> RunnerDeployment:
        """Return a deployment of a flow; see `Flow.to_deployment`."""
        refuse_unbuilt(fields)
        limit = concurrency_limit
        config = limit if isinstance(limit, ConcurrencyLimitConfig) else None
        kind, source = EntrypointType(entrypoint_type), flow.source
        schedules = None if schedules is None else list(schedules)
        return cls(
            name=plain_name(name),
            flow_name=flow.name,
            entrypoint=entrypoint_of(flow, kind) if source is None else source.entrypoint,
            path="." if kind == EntrypointType.FILE_PATH and source is None else None,
            pull_steps=None if source is None else pull_steps_of(source.storage),
            description=description or description_of(flow),
            version=version or flow.spec.version,
            version_from_flow=not version,
            tags=list(tags or ()),
            schedules=schedules_of(interval, cron, rrule, schedule, schedules),
            catch_up=policies_of([schedule] if schedules is None else schedules),
            concurrency_limit=limit.limit if isinstance(limit, ConcurrencyLimitConfig) else limit,
            concurrency_options=None if config is None else config.options(),
            parameters=dict(parameters or {}),
            parameter_openapi_schema=sent_schema(parameter_schema(flow.fn)),
            **fields,
        )

    def apply(self, work_pool_name: str | None = None, image: str | None = None) -> Any:
        """Tell the server of the deployment, which makes it or changes the one with its name; return its id.

        To be awaited in async code; `aapply` always is.

        Args:
            work_pool_name: The work pool, unless the deployment says it.
            image: The image that runs are in, a job variable of the pool.

        Raises:
            HTTPStatusError: The server refuses it, as where parameters do not fit the flow's.
            ValueError: It says what only those of a work pool have.
        """
        return played(self.made_known(work_pool_name, image))

    async def aapply(self, work_pool_name: str | None = None, image: str | None = None) -> UUID:
        """Tell the server of the deployment, as `apply` does."""
        return await awaited(self.made_known(work_pool_name, image))

    def made_known(self, work_pool_name: str | None = None, image: str | None = None) -> Calls[UUID]:
        """Make flow and deployment known to the server; one that is there keeps its schedules if none are said."""
        pool = work_pool_name or self.work_pool_name
        self.check(pool, image)
        flow = yield flow_rows.CREATE(FlowCreate(name=self.flow_name))
        found = yield from known(self.full_name)
        info = version_info(self.version, self.version_type, from_flow=self.version_from_flow)
        said: dict[str, Any] = {
            "version": info.version or None,
            "version_info": info,
            "concurrency_limit": self.concurrency_limit,
            "concurrency_options": self.concurrency_options,
            "parameters": self.parameters,
            "description": self.description,
            "work_queue_name": self.work_queue_name,
            "work_pool_name": pool,
            "tags": self.tags,
            "path": self.path,
            "entrypoint": self.entrypoint,
            "parameter_openapi_schema": self.parameter_openapi_schema,
            "pull_steps": self.pull_steps or [],
            "enforce_parameter_schema": self.enforce_parameter_schema,
            "job_variables": {**self.job_variables, **({"image": image} if image else {})},
        }
        if found is None:
            found = yield from create_deployment(
                flow.id, self.name, schedules=self.schedules, paused=self.paused, **said
            )
        else:
            yield from change_deployment(found, schedules=self.schedules or None, paused=self.paused, **said)
        yield from give_policies(found, self.catch_up)
        return found

    def check(self, pool: str | None, image: str | None) -> None:
        """Raise ValueError if it says what only deployments of a work pool have, and has none."""
        said = {"image": image, "work_queue_name": self.work_queue_name, "job_variables": self.job_variables}
        wrong = [] if pool else [name for name, value in said.items() if value]
        if wrong:
            raise ValueError(f"{wrong[0]}: only deployments of a work pool have that; give work_pool_name, too.")


def description_of(flow: Flow[..., Any]) -> str | None:
    """Return what a flow says of itself."""
    return flow.options.get("description") or inspect.getdoc(flow.fn)


def refuse_unbuilt(fields: dict[str, Any]) -> None:
    """Take out what nothing goes by yet; raise ValueError where it says anything."""
    for name, what in UNBUILT.items():
        if fields.pop(name, None):
            raise ValueError(f"{name}: {what} are not known yet; leave it out.")


def known(full_name: str) -> Calls[UUID | None]:
    """Return the id of the deployment with a name, or None."""
    try:
        found: Deployment = yield read_deployment_by_name(full_name)
    except ObjectNotFound:
        return None
    return found.id


def deploy(
    *deployments: RunnerDeployment,
    work_pool_name: str | None = None,
    image: DockerImage | str | None = None,
    build: bool = True,
    push: bool = True,
    print_next_steps_message: bool = True,
    ignore_warnings: bool = False,
) -> list[UUID]:
    """Make deployments whose runs wait in a work pool for a worker; return their ids.

    To be awaited in async code; `adeploy` always is.

    Args:
        deployments: What to make, of `Flow.to_deployment`.
        work_pool_name: The pool, `deployments.default_work_pool_name` unless given; a deployment may say its own.
        image: The image that runs are in, where the pool's workers run them in containers: a name, or a `DockerImage`
            of `lictor.docker`.
        build: Whether the image is built, of the folder that the program runs in. True by default.
        push: Whether it is pushed after that. True by default.
        print_next_steps_message: Whether to say how to start a run.
        ignore_warnings: Taken for programs that say it; nothing is warned of.

    Raises:
        BuildError: The image cannot be built.
        PushError: The image cannot be pushed.
        ValueError: No pool is named or there is none of the name, its runs are in no images, or they could not get
            the code.
    """
    steps = deploying(deployments, work_pool_name, print_next_steps_message, image, build, push)
    return cast("list[UUID]", played(steps))


async def adeploy(
    *deployments: RunnerDeployment,
    work_pool_name: str | None = None,
    image: DockerImage | str | None = None,
    build: bool = True,
    push: bool = True,
    print_next_steps_message: bool = True,
    ignore_warnings: bool = False,
) -> list[UUID]:
    """Make deployments whose runs wait in a work pool, as `deploy` does."""
    return await awaited(deploying(deployments, work_pool_name, print_next_steps_message, image, build, push))


def deploying(
    deployments: Sequence[RunnerDeployment],
    work_pool_name: str | None,
    tell: bool,
    image: DockerImage | str | None,
    build: bool,
    push: bool,
) -> Steps[list[UUID]]:
    """Make deployments; see `deploy`."""
    pool = work_pool_name or current()[table.DEPLOYMENTS_DEFAULT_WORK_POOL_NAME]
    pools: dict[str, WorkPool] = {}
    used = DockerImage(image, stream_progress_to=None) if isinstance(image, str) else image
    for each in deployments:
        own = each.work_pool_name or pool
        if own is None:
            raise ValueError("work_pool_name: say in which work pool runs wait; lictor work-pool create makes one.")
        pools[own] = pools.get(own) or (yield from pool_named(own))
        fit(each, pools[own], used)
    if used is not None and build:
        yield from made_image(used, push, tell)
    made = []
    for each in deployments:
        own = each.work_pool_name or str(pool)
        made.append((yield from each.made_known(own, None if used is None else used.reference)))
        if tell:
            print(f"Start a run with: lictor deployment run '{each.full_name}'")
    if tell and made:
        print(f"A worker runs it:  lictor worker start --pool {own}")
    return made


def pool_named(name: str) -> Steps[WorkPool]:
    """Return a work pool; raise ValueError with the fix if there is none."""
    try:
        found: WorkPool = yield read_work_pool(name)
    except ObjectNotFound:
        fix = f"lictor work-pool create {quote(name)} --type process"
        raise ValueError(f"work_pool_name: there is no work pool '{name}'. Make it: {fix}") from None
    return found


def deploying_one(deployment: RunnerDeployment, *options: Any) -> Steps[UUID]:
    """Make one deployment, with the options of `deploying`."""
    [made] = yield from deploying([deployment], *options)
    return made


def fit(deployment: RunnerDeployment, pool: WorkPool, image: DockerImage | None) -> None:
    """Let runs get the code from this program's folder if it is nowhere else; ValueError if the pool's cannot."""
    variables = (pool.base_job_template.get("variables") or {}).get("properties") or {}
    contained, which = (
        bool(variables.keys() & {"image", "block"}),
        f"work pool '{pool.name}', of the type '{pool.type}',",
    )
    if image is not None and not contained:
        raise ValueError(f"image: runs of {which} are in no images: its template has no variable 'image'.")
    if image is not None or deployment.pull_steps is not None or deployment.path is None:
        return
    if contained:
        raise ValueError(
            f"Runs of {which} are in containers, where the code of '{deployment.full_name}' is not: give an image that "
            "has it, or take the flow from where it is kept with Flow.from_source."
        )
    deployment.pull_steps, deployment.path = pull_steps_of(LocalStorage(Path.cwd())), None


def made_image(image: DockerImage, push: bool, tell: bool) -> Steps[None]:
    """Build an image, and push it."""
    yield Block(image.build)
    if push:
        yield Block(image.push)
    if tell:
        print(f"Image {image.reference} is built{' and pushed' if push else ''}.")


def sent_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of parameters as deployments have it: without definitions where there are none."""
    return {name: value for name, value in schema.items() if value or name != "definitions"}


def plain_name(name: str) -> str:
    """Return the name of a deployment, which may be given as the path of a program: `__file__`."""
    return Path(name).stem if name.endswith(".py") else name


def schedules_of(
    interval: Iterable[Interval] | Interval | None,
    cron: Iterable[str] | str | None,
    rrule: Iterable[str] | str | None,
    schedule: Schedule | None,
    schedules: Iterable[Any] | None,
) -> list[DeploymentScheduleCreate]:
    """Return the schedules that users say in one of these ways; raise ValueError if they say them in several."""
    ways = {"interval": interval, "cron": cron, "rrule": rrule, "schedule": schedule, "schedules": schedules}
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1:
        raise ValueError(f"Give one of {', '.join(ways)}, not {' and '.join(given)}: schedules may be of any kind.")
    if schedules is not None:
        return [of_any(each) for each in schedules]
    if schedule is not None:
        return [of_any(schedule)]
    return [
        *(of_any(Schedule(interval=seconds(each))) for each in several(interval)),
        *(of_any(Schedule(cron=each)) for each in several(cron)),
        *(of_any(Schedule(rrule=each)) for each in several(rrule)),
    ]


def several(given: Any) -> Iterable[Any]:
    """Return what is given as one or as several."""
    if given is None:
        return ()
    return (given,) if isinstance(given, str | int | float | timedelta) else given


def seconds(interval: Interval) -> timedelta:
    """Return an interval that may be a number of seconds."""
    return interval if isinstance(interval, timedelta) else timedelta(seconds=interval)


def of_any(given: Any) -> DeploymentScheduleCreate:
    """Return a schedule as the API has it, from one of the kinds that users may give."""
    if isinstance(given, DeploymentScheduleCreate):
        return given
    if isinstance(given, OfAPI):
        return DeploymentScheduleCreate(schedule=text_of(given))
    said: dict[str, Any] = {}
    if isinstance(given, dict):
        said = {name: value for name, value in given.items() if name in BESIDE}
        when = {name: value for name, value in given.items() if name not in {*BESIDE, CATCH_UP}}
        given = when["schedule"] if "schedule" in when else construct_schedule(**when)
    elif isinstance(given, Schedule):
        said = {"active": given.active, "parameters": given.parameters, "slug": given.slug}
    else:
        raise TypeError(f"schedules: {given!r} is no schedule; make one with Interval, Cron or RRule.")
    said["parameters"] = json_object(said.get("parameters"))
    return DeploymentScheduleCreate(schedule=text_of(given.of_api() if isinstance(given, Schedule) else given), **said)
