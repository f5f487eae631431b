"""Artifacts and events, as flows and tasks make them."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from lictor import artifacts, flow, get_client, tags, task
from lictor.artifacts import Artifact, MarkdownArtifact
from lictor.client.errors import HTTPStatusError
from lictor.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from lictor.client.schemas.sorting import ArtifactSort
from lictor.events import Event, emit_event
from lictor.events.filters import EventFilter, EventNameFilter
from lictor.exceptions import ObjectNotFound
from tests.sdk.conftest import Api, ended, eventually, run_of

KINDS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "markdown": ({"markdown": "# Title"}, "markdown", "# Title"),
    "link": ({"link": "https://a.test"}, "markdown", "[https://a.test](https://a.test)"),
    "image": ({"image_url": "https://a.test/x.png"}, "image", "https://a.test/x.png"),
    "table": ({"table": [{"a": 1.5, "b": float("nan")}]}, "table", '[{"a": 1.5, "b": null}]'),
    "progress": ({"progress": 25}, "progress", 25.0),
}


def of_run(run_id: UUID) -> list[Any]:
    with get_client(sync_client=True) as client:
        sought = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        return client.read_artifacts(artifact_filter=sought, sort=ArtifactSort.CREATED_DESC)[::-1]


def test_every_kind_is_made_in_its_run(api: Api) -> None:
    @task
    def inner() -> UUID:
        made: UUID = artifacts.create_markdown_artifact("in the task", key="of-task")
        return made

    @flow
    def making() -> None:
        for kind, (fields, _, _) in KINDS.items():
            getattr(artifacts, f"create_{kind}_artifact")(**fields, key=f"kind-{kind}", description=kind)
        inner()

    state = ended(making)
    *made, last = of_run(run_of(state))
    assert [(each.key, each.type, each.data, each.description) for each in made] == [
        (f"kind-{kind}", type_, data, kind) for kind, (_, type_, data) in KINDS.items()
    ]
    assert [each.task_run_id for each in made] == [None] * len(made)
    (run,) = api.task_runs(state, 1)
    assert (last.key, last.task_run_id) == ("of-task", run.id)


def test_async_code_awaits_the_same_names(api: Api) -> None:
    @flow
    async def making() -> None:
        for kind, (fields, _, _) in KINDS.items():
            await getattr(artifacts, f"create_{kind}_artifact")(**fields)
            await getattr(artifacts, f"acreate_{kind}_artifact")(**fields)
        await artifacts.update_progress_artifact(await artifacts.create_progress_artifact(1), 40)

    async def run() -> Any:
        return await making(return_state=True)

    made = of_run(run_of(asyncio.run(run())))
    assert [each.data for each in made] == [data for _, _, data in KINDS.values() for _ in range(2)] + [40.0]


def test_progress_is_changed_and_kept_within_its_bounds(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    made = artifacts.create_progress_artifact(-5, key="going", description="first")
    assert (Artifact.get("going").data, Artifact.get("going").description) == (0.0, "first")
    assert artifacts.update_progress_artifact(made, 140) == made
    assert (Artifact.get("going").data, Artifact.get("going").description) == (100.0, "first")
    artifacts.update_progress_artifact(made, 50, description="second")
    assert (Artifact.get("going").data, Artifact.get("going").description) == (50.0, "second")
    with pytest.raises(ObjectNotFound):
        artifacts.update_progress_artifact(uuid4(), 1)


def test_an_artifact_is_found_or_made(api: Api) -> None:
    key = f"found-{uuid4()}"
    assert Artifact.get(key) is None
    first, made = MarkdownArtifact.get_or_create(key, markdown="one")
    again, made_again = MarkdownArtifact.get_or_create(key, markdown="two")
    assert (made, made_again, again.id, again.data) == (True, False, first.id, "one")
    kept = Artifact(key=key, type="own", data={"a": 1}, metadata_={"m": "x"}).create()
    assert (kept.type, kept.data, kept.metadata_) == ("own", '{"a": 1}', {"m": "x"})
    with get_client(sync_client=True) as client:
        client.delete_artifact(kept.id)
        assert Artifact.get(key).id == first.id
        with pytest.raises(ObjectNotFound):
            client.delete_artifact(kept.id)
    with pytest.raises(HTTPStatusError, match="lowercase letters, digits and dashes"):
        artifacts.create_markdown_artifact("x", key="Not A Key")


def events_named(name: str, count: int) -> list[Any]:
    with get_client(sync_client=True) as client:
        sought = EventFilter(event=EventNameFilter(name=[name]))
        return eventually(lambda: client.read_events(sought).events, lambda found: len(found) == count)


def test_what_a_run_emits_is_related_to_it(api: Api) -> None:
    name, thing = f"happened.{uuid4()}", {"prefect.resource.id": "thing"}

    @task(task_run_name="the-task")
    def inner(before: Event) -> None:
        emit_event(name, thing, payload={"n": 2}, follows=before)

    @flow(name="emitting", flow_run_name="the-run")
    def emitting() -> None:
        first = emit_event(name, thing, related=[{"prefect.resource.id": "x", "prefect.resource.role": "y"}])
        inner(first)

    with tags("a"):
        state = ended(emitting)
    second, first = events_named(name, 2)
    roles = [(each["prefect.resource.role"], each.get("prefect.resource.name")) for each in second.related]
    assert roles == [("flow-run", "the-run"), ("task-run", "the-task"), ("flow", "emitting"), ("tag", None)]
    assert second.related[0]["prefect.resource.id"] == f"prefect.flow-run.{run_of(state)}"
    assert [each["prefect.resource.role"] for each in first.related] == ["y", "flow-run", "flow", "tag"]
    assert (second.payload, second.follows, first.follows) == ({"n": 2}, first.id, None)


def test_what_is_no_event_is_refused_where_it_is_emitted(api: Api) -> None:
    with pytest.raises(ValueError, match="say what the event is about"):
        emit_event("e", {})
    with pytest.raises(ValueError, match=r"prefect\.resource\.role"):
        emit_event("e", {"prefect.resource.id": "a"}, related=[{"prefect.resource.id": "b"}])
    with pytest.raises(ValueError, match="say less in its payload"):
        emit_event("e", {"prefect.resource.id": "a"}, payload={"x": "y" * 2_000_000})


def test_making_an_artifact_is_told_as_an_event(api: Api) -> None:
    key = f"told-{uuid4()}"

    @flow
    def making() -> UUID:
        made: UUID = artifacts.create_markdown_artifact("x", key=key, description="d")
        return made

    made = making()
    with get_client(sync_client=True) as client:
        sought = EventFilter.model_validate({"resource": {"id": [f"prefect.artifact.{made}"]}})
        (event,) = eventually(lambda: client.read_events(sought).events, bool)
    assert (event.event, event.payload["key"]) == ("prefect.artifact.created", key)
    assert event.resource["prefect.resource.name"] == key
    assert event.related[0]["prefect.resource.role"] == "flow-run"
