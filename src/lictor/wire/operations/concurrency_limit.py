"""Operations on concurrency limits."""

from __future__ import annotations

from types import NoneType

from lictor.wire.operation import Operation
from lictor.wire.types.concurrency_limit import (
    ConcurrencyHolders,
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    ConcurrencyLimitWithLease,
    Decrement,
    DecrementWithLease,
    GlobalConcurrencyLimit,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    Increment,
    IncrementWithLease,
    MinimalConcurrencyLimit,
    NewGlobalConcurrencyLimit,
    ReadConcurrencyLimits,
    RenewLease,
    ResetConcurrencyLimit,
    TagSlots,
)

TAGS = "/concurrency_limits"
PATH = "/v2/concurrency_limits"

CREATE = Operation("POST", TAGS + "/", ConcurrencyLimitCreate, ConcurrencyLimit, "write", statuses=(201, 200))
READ = Operation("GET", TAGS + "/{id}", NoneType, ConcurrencyLimit, "read")
READ_BY_TAG = Operation("GET", TAGS + "/tag/{tag}", NoneType, ConcurrencyLimit, "read")
FILTER = Operation("POST", TAGS + "/filter", ReadConcurrencyLimits, list[ConcurrencyLimit], "read")
RESET = Operation("POST", TAGS + "/tag/{tag}/reset", ResetConcurrencyLimit, NoneType, "write")
DELETE = Operation("DELETE", TAGS + "/{id}", NoneType, NoneType, "write")
DELETE_BY_TAG = Operation("DELETE", TAGS + "/tag/{tag}", NoneType, NoneType, "write")
INCREMENT = Operation("POST", TAGS + "/increment", TagSlots, list[MinimalConcurrencyLimit], "run")
DECREMENT = Operation("POST", TAGS + "/decrement", TagSlots, list[MinimalConcurrencyLimit], "run")

CREATE_GLOBAL = Operation(
    "POST", PATH + "/", GlobalConcurrencyLimitCreate, NewGlobalConcurrencyLimit, "write", statuses=(201,)
)
READ_GLOBAL = Operation("GET", PATH + "/{id_or_name}", NoneType, GlobalConcurrencyLimit, "read")
READ_HOLDERS = Operation("GET", PATH + "/{id_or_name}/holders", NoneType, ConcurrencyHolders, "read", additive=True)
FILTER_GLOBAL = Operation("POST", PATH + "/filter", ReadConcurrencyLimits, list[GlobalConcurrencyLimit], "read")
UPDATE_GLOBAL = Operation(
    "PATCH", PATH + "/{id_or_name}", GlobalConcurrencyLimitUpdate, NoneType, "write", statuses=(204,)
)
DELETE_GLOBAL = Operation("DELETE", PATH + "/{id_or_name}", NoneType, NoneType, "write", statuses=(204,))
INCREMENT_GLOBAL = Operation("POST", PATH + "/increment", Increment, list[MinimalConcurrencyLimit], "run")
DECREMENT_GLOBAL = Operation("POST", PATH + "/decrement", Decrement, list[MinimalConcurrencyLimit], "run")
INCREMENT_WITH_LEASE = Operation(
    "POST", PATH + "/increment-with-lease", IncrementWithLease, ConcurrencyLimitWithLease, "run"
)
RENEW_LEASE = Operation("POST", PATH + "/leases/{lease_id}/renew", RenewLease, NoneType, "run", statuses=(204,))
DECREMENT_WITH_LEASE = Operation(
    "POST", PATH + "/decrement-with-lease", DecrementWithLease, NoneType, "run", statuses=(204,)
)
