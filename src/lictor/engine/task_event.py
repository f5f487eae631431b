"""The events that tell of a task run, as JSON text: what does not change in a run is written once."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from lictor.engine.specs import TaskSpec
from lictor.engine.states import State
from lictor.kit.json import encode
from lictor.wire.types.task_run import TaskRun


class Head(NamedTuple):
    """The parts of a run's events that stay."""

    resource: str
    related: str
    task_run: str


def head_of(spec: TaskSpec, run: TaskRun, inputs: dict[str, list[UUID]], related: str | None, id_text: str) -> Head:
    """Return what all events of a run say."""
    name = text(run.name)
    resource = (
        f'{{"prefect.resource.id":"prefect.task-run.{id_text}","prefect.resource.name":{name},'
        '"prefect.orchestration":"client",'
    )
    tags = [f'{{"prefect.resource.id":{text("prefect.tag." + tag)},"prefect.resource.role":"tag"}}' for tag in run.tags]
    version = f'"task_version":{text(spec.version)},' if spec.version is not None else ""
    task_run = (
        f'"name":{name},"task_key":{text(spec.key)},"dynamic_key":{text(run.dynamic_key)},{version}'
        f'"empirical_policy":{policy_of(spec)},"tags":{text(run.tags)},"labels":{{}},"task_inputs":{inputs_text(inputs)}'
    )
    return Head(resource, ",".join(tags if related is None else [*tags, related]), task_run)


def event_of(head: Head, run: TaskRun, before: State | None, state: State, follows: str | None) -> tuple[str, str]:
    """Return the event of a run that went from one state to another, and the event's id."""
    kind, name, moment, key = state.type.value, text(state.name), state.timestamp.isoformat(), str(state.id)
    message = text(state.message) if state.message else '""'
    left = initial = previous = "null"
    if follows is not None:
        previous = f'"{follows}"'
    if before is not None:
        left = f'"{before.type.value}"'
        said = text(before.message) if before.message else '""'
        initial = (
            f'{{"type":{left},"name":{text(before.name)},"message":{said},"state_details":{details_text(before)}}}'
        )
    times = ""
    if run.start_time is not None:
        times += f',"start_time":"{run.start_time.isoformat()}"'
    if run.end_time is not None:
        times += f',"end_time":"{run.end_time.isoformat()}"'
    expected = run.expected_start_time.isoformat() if run.expected_start_time else moment
    event = (
        f'{{"occurred":"{moment}","event":"prefect.task-run.{name[1:-1]}","resource":{head.resource}'
        f'"prefect.run-count":"{run.run_count}","prefect.state-message":{message},"prefect.state-name":{name},'
        f'"prefect.state-timestamp":"{moment}","prefect.state-type":"{kind}"}},"related":[{head.related}],'
        f'"payload":{{"intended":{{"from":{left},"to":"{kind}"}},"initial_state":{initial},'
        f'"validated_state":{{"type":"{kind}","name":{name},"message":{message},'
        f'"state_details":{details_text(state)},"data":null}},"task_run":{{{head.task_run},'
        f'"run_count":{run.run_count},"flow_run_run_count":{run.flow_run_run_count},'
        f'"expected_start_time":"{expected}"{times},"total_run_time":{run.total_run_time!r}}}}},'
        f'"id":"{key}","follows":{previous}}}'
    )
    return event, key


def details_text(state: State) -> str:
    """Return the details of a state that say something."""
    details = state.state_details
    if details.scheduled_time is not None:
        return f'{{"scheduled_time":"{details.scheduled_time.isoformat()}"}}'
    return '{"untrackable_result":true}' if details.untrackable_result else "{}"


def policy_of(spec: TaskSpec) -> str:
    """Return the retries of a task."""
    delays = [int(one) if one.is_integer() else one for one in spec.delays] or [0]
    delay = delays if len(delays) > 1 else delays[0]
    jitter = f',"retry_jitter_factor":{spec.jitter}' if spec.jitter is not None else ""
    return f'{{"max_retries":0,"retry_delay_seconds":0.0,"retries":{spec.retries},"retry_delay":{text(delay)}{jitter}}}'


def inputs_text(inputs: dict[str, list[UUID]]) -> str:
    """Return the runs behind each parameter."""
    parts = []
    for name, runs in inputs.items():
        ids = ",".join([f'{{"input_type":"task_run","id":"{run}"}}' for run in runs])
        parts.append(f"{text(name)}:[{ids}]")
    return f"{{{','.join(parts)}}}"


def text(value: Any) -> str:
    """Return a value as JSON text."""
    return encode(value).decode()
