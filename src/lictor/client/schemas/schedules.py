"""Schedules as the API has them."""

from lictor.sdk.schedules import SCHEDULE_TYPES, construct_schedule, is_schedule_type
from lictor.wire.types.schedule import CronSchedule, IntervalSchedule, NoSchedule, RRuleSchedule

__all__ = [
    "SCHEDULE_TYPES",
    "CronSchedule",
    "IntervalSchedule",
    "NoSchedule",
    "RRuleSchedule",
    "construct_schedule",
    "is_schedule_type",
]
