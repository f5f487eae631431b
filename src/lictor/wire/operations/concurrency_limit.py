"""Operations on concurrency limits."""

from __future__ import annotations

from types import NoneType

from lictor.wire.operation import Operation
from lictor.wire.types.concurrency_limit import ConcurrencyLimitWithLease, DecrementWithLease, IncrementWithLease

PATH = "/v2/concurrency_limits"

INCREMENT_WITH_LEASE = Operation(
    "POST", PATH + "/increment-with-lease", IncrementWithLease, ConcurrencyLimitWithLease, "run"
)
DECREMENT_WITH_LEASE = Operation(
    "POST", PATH + "/decrement-with-lease", DecrementWithLease, NoneType, "run", statuses=(204,)
)
