"""Schedules fire when the reference says."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from lictor.rules.schedule import dates
from lictor.wire.types.schedule import schedule_of
from tests.reference.conftest import HERE, QUIET
from tests.rules import fires

MANY = 500
DAY = 86_400
LAST = datetime(2037, 1, 1, tzinfo=UTC)
"""Beyond it the reference's rules know no summer time."""


def asked(random: Random) -> tuple[dict[str, Any], datetime]:
    """Return a schedule, and when to begin: not in an hour that some zone's clock shows twice or not at all.

    The reference moves an interval of days by an hour once it begins in another season than its anchor.
    """
    said = fires.schedule(random)
    if said.get("interval", 0) >= DAY:
        return said, datetime.fromisoformat(said["anchor_date"])
    return said, datetime(2025, 1, 1, 18, tzinfo=UTC) + random.randint(0, 200) * timedelta(days=1)


def test_the_next_dates_are_the_references(reference_python: str, tmp_path: Path) -> None:
    random = Random(1)
    questions = [asked(random) for _ in range(60)]
    ours = [list(islice(dates(schedule_of(said), start, LAST), MANY)) for said, start in questions]
    firing = [at for at, found in enumerate(ours) if found]  # the reference looks for others for minutes
    assert len(firing) > 45
    sent = json.dumps([(questions[at][0], f"{questions[at][1]:%Y-%m-%dT%H:%M:%S}", MANY) for at in firing])
    environment = os.environ | QUIET | {"PREFECT_HOME": str(tmp_path)}
    environment.pop("PYTHONPATH", None)
    run = subprocess.run(
        [reference_python, HERE / "dates.py"],
        check=False,
        input=sent,
        env=environment,
        text=True,
        capture_output=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    for at, told in zip(firing, json.loads(run.stdout), strict=True):
        found = [moment.timestamp() for moment in ours[at]]
        sooner = min(found[-1], told[-1]) - (DAY if len(told) == MANY else 0)  # the last ones may not be in order there
        assert [moment for moment in found if moment <= sooner] == [moment for moment in told if moment <= sooner], (
            questions[at]
        )
