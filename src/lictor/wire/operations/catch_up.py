"""Operations on the catch-up policies of a deployment's schedules."""

from __future__ import annotations

from types import NoneType

from lictor.wire.operation import Operation
from lictor.wire.types.catch_up import CatchUp, CatchUpGiven

PATH = "/deployments/{id}/catch_up"

READ = Operation("GET", PATH, NoneType, list[CatchUp], "read", additive=True)
UPDATE = Operation("POST", PATH, list[CatchUpGiven], list[CatchUp], "write", additive=True)
