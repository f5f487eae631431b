"""Artifacts: what runs leave for people to look at, and the latest one of each key."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Raw, UnsetType, field

from lictor.kit.ids import uuid7
from lictor.kit.json import null
from lictor.wire.types.common import Answer, Body, DateTime

MOST_METADATA = 500
"""So many characters of a value of metadata are kept."""


class ArtifactSort(StrEnum):
    """Orders in which artifacts are listed."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    ID_DESC = "ID_DESC"
    KEY_DESC = "KEY_DESC"
    KEY_ASC = "KEY_ASC"


class ArtifactCollectionSort(StrEnum):
    """Orders in which the latest artifacts of keys are listed."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    ID_DESC = "ID_DESC"
    KEY_DESC = "KEY_DESC"
    KEY_ASC = "KEY_ASC"


class ArtifactCreate(Body, kw_only=True):
    """An artifact to make; those with the same key are versions of each other."""

    key: str | None = None
    type: str | None = None
    description: str | None = None
    data: Raw = field(default_factory=null)
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactUpdate(Body, kw_only=True):
    """Changes to an artifact; what is not sent stays."""

    data: Raw | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    metadata_: dict[str, str] | UnsetType | None = UNSET


class Artifact(Answer, kw_only=True):
    """An artifact as the server knows it."""

    id: UUID = field(default_factory=uuid7)
    created: DateTime | None = None
    updated: DateTime | None = None
    key: str | None = None
    type: str | None = None
    description: str | None = None
    data: Raw = field(default_factory=null)
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactCollection(Answer, kw_only=True):
    """The artifacts of a key: which one is the latest, and what it says."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    key: str
    latest_id: UUID
    type: str | None = None
    description: str | None = None
    data: Raw = field(default_factory=null)
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
