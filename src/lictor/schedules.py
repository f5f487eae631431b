"""Schedules of deployments."""

from lictor.sdk.schedules import Cron, Interval, RRule, Schedule

__all__ = ["Cron", "Interval", "RRule", "Schedule"]
