"""Pausing, suspending and resuming flow runs."""

from lictor.sdk.pausing import pause_flow_run, resume_flow_run, suspend_flow_run

__all__ = ["pause_flow_run", "resume_flow_run", "suspend_flow_run"]
