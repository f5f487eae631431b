"""What the server says of itself."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.types.common import Answer


class ServerDefaultResultStorage(Answer, kw_only=True):
    """The block that keeps results where a flow names none."""

    default_result_storage_block_id: UUID | None = None
