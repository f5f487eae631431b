"""Delays between attempts."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.kit.backoff import delays, spread

SECONDS = st.floats(0.001, 1000)
FRACTION = st.floats(0, 1)


@pytest.mark.parametrize(
    ("base", "ceiling", "jitter", "drawn", "expected"),
    [
        (1.0, 60.0, 0.0, 0.9, [1, 2, 4, 8, 16, 32, 60, 60]),
        (2.0, 5.0, 0.5, 1.0, [3, 6, 7.5]),
        (10.0, 5.0, 1.0, 0.5, [7.5, 7.5]),
        (0.0, 5.0, 1.0, 0.5, [0, 0, 0]),
    ],
)
def test_a_delay_doubles_up_to_the_ceiling(
    base: float, ceiling: float, jitter: float, drawn: float, expected: list[float]
) -> None:
    assert list(islice(delays(base, ceiling, jitter, lambda: drawn), len(expected))) == expected


@given(SECONDS, SECONDS, FRACTION, FRACTION)
def test_jitter_only_lengthens_and_delays_never_shrink(
    base: float, ceiling: float, jitter: float, drawn: float
) -> None:
    plain = list(islice(delays(base, ceiling, 0, lambda: drawn), 30))
    spread = list(islice(delays(base, ceiling, jitter, lambda: drawn), 30))
    assert all(one <= other for one, other in pairwise(plain))
    assert all(one <= other <= one * (1 + jitter) * 1.000001 for one, other in zip(plain, spread, strict=True))
    assert max(plain) <= ceiling


def test_delays_go_on_for_ever_without_overflow() -> None:
    assert next(islice(delays(1.0, 60.0, 0.0, lambda: 0.0), 5000, None)) == 60.0


@given(SECONDS, st.floats(0, 3), FRACTION)
def test_a_spread_delay_stays_within_its_factor(delay: float, factor: float, chance: float) -> None:
    assert delay * max(0, 1 - factor) <= spread(delay, factor, chance) * 1.000001 + 1e-9
    assert spread(delay, factor, chance) <= delay * (1 + factor) * 1.000001


def test_the_chance_reaches_from_one_end_to_the_other() -> None:
    assert spread(100, 0.5, 0) == pytest.approx(50)
    assert spread(100, 0.5, 1) == pytest.approx(150)
    assert spread(100, 2, 0) == pytest.approx(0)
