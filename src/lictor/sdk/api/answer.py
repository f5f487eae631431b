"""Answers that methods give as they came, where their callers look at the answer itself."""

from __future__ import annotations

from typing import Any

from lictor.client.errors import Response
from lictor.kit.json import encode
from lictor.sdk.api.method import Steps
from lictor.wire.operation import Call


def response(call: Call[Any]) -> Steps[Response]:
    """Carry a call, and return what was answered."""
    result = yield call
    return Response(call.operation.statuses[0], "" if result is None else encode(result).decode())
