"""Artifacts: what flows and tasks leave for people to look at."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw

from lictor.engine.context import FLOW, TASK
from lictor.sdk import objects
from lictor.sdk.api.artifact import create_artifact, read_artifacts, update_artifact
from lictor.sdk.api.body import dumped
from lictor.sdk.api.method import Steps
from lictor.sdk.steps import awaited, played
from lictor.wire.filters import ArtifactFilter, ArtifactFilterKey
from lictor.wire.types.artifact import ArtifactCreate, ArtifactSort, ArtifactUpdate
from lictor.wire.types.model import Model

logger = logging.getLogger("lictor.artifacts")

Table = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | Sequence[Sequence[Any]]
Found = objects.Artifact


class Artifact(Model, kw_only=True):
    """An artifact to make: the run that goes on is noted with it.

    Artifacts with the same key (lowercase letters, digits and dashes) are versions of each other. `create`, `get` and
    `get_or_create` are awaited in async flows and tasks; `acreate`, `aget` and `aget_or_create` always are.
    """

    type: str | None = None
    key: str | None = None
    description: str | None = None
    data: Any = None
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None

    def format(self) -> Any:
        """Return the data as it is stored: JSON text, unless a kind of artifact says otherwise."""
        return json.dumps(self.data)

    def create(self) -> Any:
        """Make the artifact, and return it as the server knows it."""
        return played(made(self))

    async def acreate(self) -> Found:
        """Make the artifact, and return it as the server knows it."""
        return await awaited(made(self))

    @classmethod
    def get(cls, key: str | None = None) -> Any:
        """Return the artifact of a key, or of any, that was changed last, or None."""
        return played(found(key))

    @classmethod
    async def aget(cls, key: str | None = None) -> Found | None:
        """Return the artifact of a key, or of any, that was changed last, or None."""
        return await awaited(found(key))

    @classmethod
    def get_or_create(cls, key: str | None = None, **fields: Any) -> Any:
        """Return the artifact of a key, made of these fields if there is none, and whether it was made."""
        return played(found_or_made(cls(key=key, **fields)))

    @classmethod
    async def aget_or_create(cls, key: str | None = None, **fields: Any) -> tuple[Found, bool]:
        """Return the artifact of a key, made of these fields if there is none, and whether it was made."""
        return await awaited(found_or_made(cls(key=key, **fields)))


class LinkArtifact(Artifact, kw_only=True):
    """A link, with a text if one is given."""

    link: str
    link_text: str | None = None
    type: str | None = "markdown"

    def format(self) -> str:
        """Return the link as Markdown."""
        return f"[{self.link_text or self.link}]({self.link})"


class MarkdownArtifact(Artifact, kw_only=True):
    """A text in Markdown."""

    markdown: str
    type: str | None = "markdown"

    def format(self) -> str:
        """Return the text."""
        return self.markdown


class TableArtifact(Artifact, kw_only=True):
    """A table: columns by name, or rows."""

    table: Any
    type: str | None = "table"

    def format(self) -> str:
        """Return the table as JSON text; what is not a number in it becomes null."""
        return json.dumps(without_nan(self.table))


class ProgressArtifact(Artifact, kw_only=True):
    """A progress from 0 to 100."""

    progress: float
    type: str | None = "progress"

    def format(self) -> float:
        """Return the progress; what is outside of 0 to 100 becomes the nearer of them, with a warning."""
        kept = max(0.0, min(float(self.progress), 100.0))
        if kept != self.progress:
            logger.warning("A progress of %s %% is taken as %s %%.", self.progress, kept)
        return kept


class ImageArtifact(Artifact, kw_only=True):
    """An image at an address that browsers can reach."""

    image_url: str
    type: str | None = "image"

    def format(self) -> str:
        """Return the address."""
        return self.image_url


def without_nan(item: Any) -> Any:
    """Return a value with null in place of what is not a number."""
    if isinstance(item, Mapping):
        return {name: without_nan(value) for name, value in item.items()}
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [without_nan(value) for value in item]
    return None if isinstance(item, float) and math.isnan(item) else item


def as_json(value: Any) -> Raw:
    """Return a value as JSON text; raise TypeError if it has none."""
    return Raw(msgspec.json.encode(value, enc_hook=dumped))


def made(artifact: Artifact) -> Steps[Found]:
    """Make an artifact of the run that goes on."""
    flow, task = FLOW.get(), TASK.get()
    flow_run_id = flow.run.id if flow is not None else None if task is None else task.run.flow_run_id
    body = ArtifactCreate(
        type=artifact.type,
        key=artifact.key,
        description=artifact.description,
        data=as_json(artifact.format()),
        metadata_=artifact.metadata_,
        flow_run_id=artifact.flow_run_id or flow_run_id,
        task_run_id=artifact.task_run_id or (None if task is None else task.run.id),
    )
    return (yield from create_artifact(body))


def found(key: str | None) -> Steps[Found | None]:
    """Find the artifact that was changed last."""
    sought = ArtifactFilter(key=ArtifactFilterKey(any_=None if key is None else [key]))
    artifacts: list[Found] = yield read_artifacts(artifact_filter=sought, sort=ArtifactSort.UPDATED_DESC, limit=1)
    return artifacts[0] if artifacts else None


def found_or_made(artifact: Artifact) -> Steps[tuple[Found, bool]]:
    """Find the artifact of a key, or make it."""
    there = yield from found(artifact.key)
    return (there, False) if there is not None else ((yield from made(artifact)), True)


def made_id(artifact: Artifact) -> Steps[UUID]:
    """Make an artifact of the run that goes on, and return its id."""
    return (yield from made(artifact)).id


def progressed(artifact_id: UUID, progress: float, description: str | None) -> Steps[UUID]:
    """Change a progress."""
    body = ArtifactUpdate(data=as_json(ProgressArtifact(progress=progress).format()))
    if description:
        body.description = description
    yield from update_artifact(artifact_id, body)
    return artifact_id


def create_link_artifact(
    link: str, link_text: str | None = None, key: str | None = None, description: str | None = None
) -> Any:
    """Make an artifact of a link, and return its id; to be awaited in an async flow or task.

    Args:
        link: The address.
        link_text: What is read in its place; by default the address.
        key: What its versions have in common: lowercase letters, digits and dashes. By default it has none.
        description: Text about it, in Markdown.
    """
    return played(made_id(LinkArtifact(link=link, link_text=link_text, key=key, description=description)))


async def acreate_link_artifact(
    link: str, link_text: str | None = None, key: str | None = None, description: str | None = None
) -> UUID:
    """Make an artifact of a link, and return its id; takes what `create_link_artifact` takes."""
    return await awaited(made_id(LinkArtifact(link=link, link_text=link_text, key=key, description=description)))


def create_markdown_artifact(markdown: str, key: str | None = None, description: str | None = None) -> Any:
    """Make an artifact of a text in Markdown, and return its id; to be awaited in an async flow or task.

    `key` is what its versions have in common: lowercase letters, digits and dashes.
    """
    return played(made_id(MarkdownArtifact(markdown=markdown, key=key, description=description)))


async def acreate_markdown_artifact(markdown: str, key: str | None = None, description: str | None = None) -> UUID:
    """Make an artifact of a text in Markdown, and return its id."""
    return await awaited(made_id(MarkdownArtifact(markdown=markdown, key=key, description=description)))


def create_table_artifact(table: Table, key: str | None = None, description: str | None = None) -> Any:
    """Make an artifact of a table, and return its id; to be awaited in an async flow or task.

    `table` has columns by name, rows by column, or rows: `{"a": [1, 2]}`, `[{"a": 1}, {"a": 2}]`, `[["a"], [1], [2]]`.
    `key` is what its versions have in common: lowercase letters, digits and dashes.
    """
    return played(made_id(TableArtifact(table=table, key=key, description=description)))


async def acreate_table_artifact(table: Table, key: str | None = None, description: str | None = None) -> UUID:
    """Make an artifact of a table, and return its id."""
    return await awaited(made_id(TableArtifact(table=table, key=key, description=description)))


def create_progress_artifact(progress: float, key: str | None = None, description: str | None = None) -> Any:
    """Make an artifact of a progress from 0 to 100, and return its id; to be awaited in an async flow or task.

    `key` is what its versions have in common: lowercase letters, digits and dashes.
    """
    return played(made_id(ProgressArtifact(progress=progress, key=key, description=description)))


async def acreate_progress_artifact(progress: float, key: str | None = None, description: str | None = None) -> UUID:
    """Make an artifact of a progress from 0 to 100, and return its id."""
    return await awaited(made_id(ProgressArtifact(progress=progress, key=key, description=description)))


def update_progress_artifact(artifact_id: UUID, progress: float, description: str | None = None) -> Any:
    """Change the progress of an artifact, and return its id; to be awaited in an async flow or task.

    Without a `description` it keeps the one it has. Raises ObjectNotFound if there is no such artifact.
    """
    return played(progressed(artifact_id, progress, description))


async def aupdate_progress_artifact(artifact_id: UUID, progress: float, description: str | None = None) -> UUID:
    """Change the progress of an artifact, and return its id."""
    return await awaited(progressed(artifact_id, progress, description))


def create_image_artifact(image_url: str, key: str | None = None, description: str | None = None) -> Any:
    """Make an artifact of an image that browsers can reach, and return its id; to be awaited in an async flow or task.

    `key` is what its versions have in common: lowercase letters, digits and dashes.
    """
    return played(made_id(ImageArtifact(image_url=image_url, key=key, description=description)))


async def acreate_image_artifact(image_url: str, key: str | None = None, description: str | None = None) -> UUID:
    """Make an artifact of an image that browsers can reach, and return its id."""
    return await awaited(made_id(ImageArtifact(image_url=image_url, key=key, description=description)))
