"""Slots of concurrency limits for async code."""

from lictor.sdk.concurrency import AcquireConcurrencySlotTimeoutError, ConcurrencySlotAcquisitionError
from lictor.sdk.concurrency import aconcurrency as concurrency
from lictor.sdk.concurrency import arate_limit as rate_limit

__all__ = ["AcquireConcurrencySlotTimeoutError", "ConcurrencySlotAcquisitionError", "concurrency", "rate_limit"]
