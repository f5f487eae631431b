"""Run in the reference's environment: reads schedules and prints when each fires, by the reference."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any


def fires(said: dict[str, Any], start: str, most: int) -> list[float]:
    from prefect.server.schemas.schedules import (  # type: ignore[import-not-found]
        CronSchedule,
        IntervalSchedule,
        RRuleSchedule,
    )

    kinds = {"cron": CronSchedule, "interval": IntervalSchedule, "rrule": RRuleSchedule}
    schedule = next(kind for name, kind in kinds.items() if name in said).model_validate(said)
    found = asyncio.run(schedule.get_dates(n=most, start=datetime.fromisoformat(start).replace(tzinfo=UTC)))
    return [moment.timestamp() for moment in found]


json.dump([fires(*asked) for asked in json.load(sys.stdin)], sys.stdout)
