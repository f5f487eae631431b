"""Makes deployments of what project files say: fills placeholders in, carries steps out, loads the flow."""

from __future__ import annotations

import inspect
import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from lictor.sdk.api.body import json_object
from lictor.sdk.api.method import Steps
from lictor.sdk.catch_up import policies_of
from lictor.sdk.deployment_steps import Tell, run_steps, secrets_of, silent
from lictor.sdk.docker_image import IN_IMAGES, folder_in_image
from lictor.sdk.flow import Flow
from lictor.sdk.parameter_schema import parameter_schema
from lictor.sdk.project_fields import DEPLOYMENT, UNBUILT, as_bool, as_int, as_texts, wrong_in
from lictor.sdk.project_file import ACTIONS, ProjectFileError
from lictor.sdk.repository import SECRETIVE
from lictor.sdk.runner_deployment import RunnerDeployment, description_of, sent_schema
from lictor.sdk.schedules import construct_schedule
from lictor.sdk.storage import warn_of_login
from lictor.sdk.templating import BLOCK, ENVIRONMENT, MISSING, VARIABLE, at, fill, names_in, placeholder, values_of
from lictor.settings.reading import seconds
from lictor.wire.types.deployment import ConcurrencyLimitStrategy, ConcurrencyOptions, DeploymentScheduleCreate
from lictor.wire.types.schedule import text_of

logger = logging.getLogger("lictor.deploy")

STEPS = "prefect.deployments.steps."
OF_RUNS = "ctx."
"""Begins placeholders that are filled in for each run."""
ADDRESSES = frozenset({"repository", "url"})
"""Inputs of steps that may have a login in them."""


@dataclass
class Plan:
    """A deployment on its way: what is said of it, with all filled in but outputs of steps, and its steps.

    Args:
        entry: What a project file, or who calls, says of the deployment.
        steps: Its steps by `build`, `push` and `pull`; a missing `pull` is made up.
        values: What placeholders stand for beside outputs of steps.
        secrets: Values of blocks that are filled in; no message says them.
    """

    entry: dict[str, Any]
    steps: dict[str, list[Any]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    @property
    def pool(self) -> str | None:
        """The work pool's name."""
        found = self.entry.get("work_pool")
        return (found.get("name") or None) if isinstance(found, Mapping) else None


def planned(
    entry: Mapping[str, Any], actions: Mapping[str, Any], values: Mapping[str, Any] | None = None
) -> Steps[Plan]:
    """Return the plan of a deployment.

    Args:
        entry: What is said of it.
        actions: The steps of those that say none.
        values: What placeholders stand for beside outputs of steps.

    Raises:
        ValueError: A variable or a block is not there, or a value that is filled in is not what the field may be.
    """
    said = {name: value for name, value in entry.items() if name not in (*ACTIONS, *UNBUILT)}
    found = yield from values_of(names_in(said))
    for name in found:
        if name.startswith(ENVIRONMENT) and name.removeprefix(ENVIRONMENT) not in os.environ:
            logger.warning("{{ %s }}: there is no such environment variable; nothing stands for it.", name)
    filled = checked(fill(said, lambda name: found.get(name, placeholder(name))))
    pool = said.get("work_pool")
    if isinstance(pool, Mapping) and pool.get("job_variables"):
        kept = {name: value for name, value in found.items() if not (name.startswith(BLOCK) and isinstance(value, str))}
        filled["work_pool"]["job_variables"] = fill(
            pool["job_variables"], lambda name: kept.get(name, placeholder(name))
        )
    warn_of_blocks(said, found)
    if not names_in([filled.get("schedules"), filled.get("schedule")]):
        schedules_of(filled)  # before any step
    return Plan(filled, steps_of(entry, actions), dict(values or {}), secrets_of(found))


def steps_of(entry: Mapping[str, Any], actions: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return a deployment's steps: its own, or else those of its file; null stands for those, save for `build`."""
    found = {}
    for name in ACTIONS:
        said = entry[name] if name in entry and (entry[name] is not None or name == "build") else actions.get(name)
        if said is not None:
            found[name] = ([said] if said else []) if isinstance(said, Mapping) else list(said)
    return found


def carried_out(plan: Plan, flow: Flow[..., Any], tell: Tell = silent) -> RunnerDeployment:
    """Carry out what builds and pushes, and return the deployment with the outputs filled in.

    Args:
        plan: What is said of the deployment.
        flow: The flow at its entrypoint.
        tell: Is called with what each step does before it does it.

    Raises:
        EntrypointError: A step is not known, or fails.
        ProjectFileError: What is filled in is not what the field may be.
    """
    pull = plan.steps.get("pull")
    if pull is None:
        pull = usual_pull(plan)
    outputs: dict[str, Any] = {}
    for name in ("build", "push"):
        outputs = run_steps(plan.steps.get(name, ()), outputs, enter=False, tell=tell)
    refuse_placeholders(plan, pull, outputs)
    outputs |= plan.values
    entry = settled(plan, outputs)
    config = entry.get("concurrency_limit")
    limit = config if isinstance(config, Mapping) else {"limit": config}
    pool = entry.get("work_pool") or {}
    warn_of_parameters(entry, flow)
    return RunnerDeployment(
        name=entry["name"],
        flow_name=flow.name,
        entrypoint=entry["entrypoint"],
        description=entry.get("description") or description_of(flow),
        version=entry.get("version") or flow.spec.version,
        version_from_flow=not entry.get("version"),
        version_type=entry.get("version_type"),
        tags=as_texts(entry.get("tags")),
        schedules=schedules_of(entry),
        catch_up=policies_of(scheduled(entry)),
        paused=as_bool(entry.get("paused")),
        concurrency_limit=as_int(limit["limit"]),
        concurrency_options=options_of(limit),
        parameters=dict(entry.get("parameters") or {}),
        enforce_parameter_schema=as_bool(entry.get("enforce_parameter_schema")) is not False,
        parameter_openapi_schema=sent_schema(parameter_schema(flow.fn)),
        work_pool_name=pool.get("name") or None,
        work_queue_name=pool.get("work_queue_name") or None,
        job_variables=dict(pool.get("job_variables") or {}),
        pull_steps=pulled(pull, outputs),
    )


def refuse_placeholders(plan: Plan, pull: Any, outputs: Mapping[str, Any]) -> None:
    """Refuse outputs with placeholders that runs would fill in: what a step reads, others may have written."""
    variables = (plan.entry.get("work_pool") or {}).get("job_variables")
    for name in sorted(names_in([variables, pull])):
        output = MISSING if at(plan.values, name) is not MISSING else at(outputs, name)
        held = sorted(each for each in names_in(output) if each.startswith((BLOCK, VARIABLE, ENVIRONMENT)))
        if held:
            raise ProjectFileError(
                f"deployment '{plan.entry['name']}': {placeholder(name)}: the step's output has {placeholder(held[0])} "
                "in it, which runs would fill in; let the step give something else, and write that in the file."
            )


def settled(plan: Plan, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a deployment with outputs filled in; raise ProjectFileError where that is no field's."""

    def find(name: str) -> Any:
        found = placeholder(name) if name.startswith((OF_RUNS, BLOCK)) else at(outputs, name)
        if found is MISSING:
            logger.warning("{{ %s }}: no step has such an output; it is left out.", name)
        return found

    return checked(fill(plan.entry, find, ""))


def checked(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of a deployment; raise ProjectFileError where something that was filled in is no field's."""
    wrong = list(wrong_in(entry, DEPLOYMENT, ()))
    if wrong:
        (at_, text), *_ = wrong
        place = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in at_).removeprefix(".")
        raise ProjectFileError(f"deployment '{entry.get('name')}': {place}, with its placeholders filled in: {text}")
    return entry


def pulled(steps: Iterable[Any], outputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return pull steps as the deployment keeps them: blocks, variables and what is not known stay for the run."""

    def find(name: str) -> Any:
        if name.startswith(ENVIRONMENT):
            return os.environ.get(name.removeprefix(ENVIRONMENT), placeholder(name))
        found = at(outputs, name)
        return placeholder(name) if found is MISSING else found

    several = [dict(each) for each in steps if each]
    for step in several:
        warn_of_secrets(step)
    return [fill(each, find) for each in several]


def warn_of_secrets(step: Mapping[str, Any]) -> None:
    """Say which secrets of a step will stand in the deployment in clear."""
    for name, inputs in step.items():
        for key, value in (inputs or {}).items() if isinstance(inputs, Mapping) else ():
            from_here = any(each.removeprefix(ENVIRONMENT) in os.environ for each in names_in(value) if each[0] == "$")
            if is_secret(key, value) and value and (from_here or not names_in(value)):
                logger.warning(
                    "pull: %s: %s stands in the deployment in clear; keep it in a Secret block, and write "
                    "{{ prefect.blocks.secret.NAME }}.",
                    name.rpartition(".")[2],
                    key,
                )
            elif key in ADDRESSES and isinstance(value, str):
                warn_of_login(value)


def is_secret(key: str, value: Any) -> bool:
    """Tell whether an input of a step is secret by its name."""
    return key == "credentials" or (isinstance(value, str) and SECRETIVE.fullmatch(key) is not None)


def usual_pull(plan: Plan) -> list[dict[str, Any]]:
    """Return the pull steps of a deployment that says none: they go to where the code is."""
    here = Path.cwd().resolve()
    build = [
        inputs or {}
        for step in plan.steps.get("build", ())
        for name, inputs in (step or {}).items()
        if name.rpartition(".")[2] == "build_docker_image"
    ]
    if build:
        if build[0].get("dockerfile") != "auto":
            return []
        return go_to(folder_in_image(here))
    if ((plan.entry.get("work_pool") or {}).get("job_variables") or {}).get("image"):
        logger.warning(
            "pull: nothing says where the code is in the image; runs look in %s. Say it with the step "
            "set_working_directory, or write 'pull: []'.",
            IN_IMAGES,
        )
        return go_to(IN_IMAGES)
    return go_to(str(here))


def go_to(directory: str) -> list[dict[str, Any]]:
    """Return the step that goes into a folder."""
    return [{f"{STEPS}set_working_directory": {"directory": directory}}]


def warn_of_blocks(said: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Say which blocks' secrets will stand in the deployment in clear: those of job variables are texts that stay."""
    pool = said.get("work_pool")
    variables = pool.get("job_variables") if isinstance(pool, Mapping) else None
    rest = {**said, "work_pool": {**pool, "job_variables": None}} if isinstance(pool, Mapping) else said
    clear = names_in(rest) | {name for name in names_in(variables) if not isinstance(found.get(name), str)}
    for name in sorted(clear):
        if name.startswith(f"{BLOCK}secret.") or (name.startswith(BLOCK) and isinstance(found.get(name), Mapping)):
            logger.warning(
                "{{ %s }}: what the block holds will stand in the deployment in clear; let the flow load it, or put a "
                "text of it into job_variables, where the placeholder stays.",
                name,
            )


def warn_of_parameters(entry: Mapping[str, Any], flow: Flow[..., Any]) -> None:
    """Say which parameters a flow does not take."""
    signature = inspect.signature(flow.fn).parameters
    if not any(each.kind is each.VAR_KEYWORD for each in signature.values()):
        for name in sorted(set(entry.get("parameters") or ()) - set(signature)):
            takes = ", ".join(signature) or "none"
            logger.warning("parameters: flow '%s' takes no '%s'; it takes %s.", flow.name, name, takes)


def options_of(limit: Mapping[str, Any]) -> ConcurrencyOptions | None:
    """Return what is said of runs beyond a limit."""
    strategy, grace = limit.get("collision_strategy"), as_int(limit.get("grace_period_seconds"))
    if strategy is None and grace is None:
        return None
    strategy = ConcurrencyLimitStrategy.ENQUEUE if strategy is None else ConcurrencyLimitStrategy(strategy)
    return ConcurrencyOptions(collision_strategy=strategy, grace_period_seconds=grace)


def schedules_of(entry: Mapping[str, Any]) -> list[DeploymentScheduleCreate]:
    """Return the schedules that are said of a deployment; raise ProjectFileError for one that says no times."""
    made = []
    for number, said in enumerate(scheduled(entry)):
        try:
            policies_of([said])
            made.append(schedule_of(said))
        except ValueError as error:
            raise ProjectFileError(f"deployment '{entry.get('name')}': schedules[{number}]: {error}") from None
    return made


def scheduled(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the schedules of a deployment as they are written."""
    single = entry.get("schedule")
    return [dict(each) for each in entry.get("schedules") or ([single] if single else []) if each]


def interval_of(value: Any) -> timedelta:
    """Return an interval; raise ValueError for a value that is none."""
    try:
        return seconds(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"interval: {error}, or a number of seconds such as 3600.") from None


def schedule_of(said: Mapping[str, Any]) -> DeploymentScheduleCreate:
    """Return a schedule as the API has it; raise ValueError where it says no times."""
    given = {**said, **(said.get("schedule") or {})}
    interval, rule, zone = given.get("interval"), given.get("rrule"), given.get("timezone")
    if rule is not None and rule.lstrip().startswith("{"):  # as the command line may give it
        inner = json.loads(rule)
        rule, zone = inner.get("rrule"), zone or inner.get("timezone")
    day_or, active = as_bool(given.get("day_or")), as_bool(given.get("active"))
    wanted = construct_schedule(
        None if interval is None else interval_of(interval),
        anchor_date=given.get("anchor_date"),
        cron=given.get("cron"),
        rrule=rule,
        timezone=zone,
        day_or=day_or is not False,
    )
    return DeploymentScheduleCreate(
        schedule=text_of(wanted),
        active=active is not False,
        max_scheduled_runs=as_int(given.get("max_scheduled_runs")),
        parameters=json_object(given.get("parameters")),
        slug=given.get("slug"),
        replaces=given.get("replaces"),
    )
