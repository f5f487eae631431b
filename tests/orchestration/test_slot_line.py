"""Whatever is asked, given back, lost and let run out in whatever order: slots are conserved, and nobody is passed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lictor.orchestration import global_limits, lease_repossession, slot_line
from lictor.orchestration.slot_line import GRACE, Given, Waits, Wanted
from lictor.rules import slots as rules
from lictor.store.concurrency_waiter import Place
from lictor.wire.types.concurrency_limit import Decrement, GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
from tests.orchestration.house import House

SLOTS = {"a": 2, "b": 1, "c": 3}
NEEDS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("a",), 1),
    (("a",), 2),
    (("b",), 1),
    (("c",), 1),
    (("c",), 3),
    (("a", "b"), 1),
    (("a", "b", "c"), 1),
)
VERBS = ("ask", "ask", "ask", "ask", "end", "end", "crash", "renew", "pass", "clear", "resize")
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 11)), min_size=10, max_size=40)
LEASE = 60.0


@dataclass
class Waiting:
    """Somebody in line, as this test knows it."""

    names: tuple[str, ...]
    slots: int
    since: datetime
    until: datetime


@dataclass
class Model:
    """Limits as they should be, by the plainest means."""

    prefix: str
    slots: dict[str, int] = field(default_factory=lambda: dict(SLOTS))
    leases: dict[UUID, tuple[tuple[str, ...], int, datetime]] = field(default_factory=dict)
    line: dict[int, Waiting] = field(default_factory=dict)

    def taken(self, name: str, now: datetime) -> int:
        return sum(slots for names, slots, until in self.leases.values() if name in names and until > now)

    def is_full(self, name: str, slots: int, now: datetime) -> bool:
        return self.taken(name, now) + slots > self.slots[name]

    def ahead(self, who: int, name: str, now: datetime) -> int:
        since = self.line[who].since if self.waits(who, now) else now
        return sum(
            other.slots
            for number, other in self.line.items()
            if number != who and other.until > now and name in other.names and other.since < since
            if not any(self.is_full(each, other.slots, now) for each in other.names if each != name)
        )

    def waits(self, who: int, now: datetime) -> bool:
        return who in self.line and self.line[who].until > now

    def may(self, who: int, names: tuple[str, ...], slots: int, now: datetime) -> bool:
        return not any(self.is_full(name, slots + self.ahead(who, name, now), now) for name in names)


class Play:
    """Plays steps in a house, and looks after each whether all is as the model says."""

    def __init__(self, house: House) -> None:
        self.house, self.model = house, Model(f"{uuid4()}-")

    async def set_up(self) -> None:
        for name, slots in SLOTS.items():
            body = GlobalConcurrencyLimitCreate(name=self.model.prefix + name, limit=slots)
            await self.house.store.write(global_limits.create, body, self.house.now, "test")

    async def step(self, verb: str, number: int) -> None:
        self.house.after(0.001)
        await getattr(self, verb.replace("pass", "let_pass"))(number)
        for name in SLOTS:
            limit = await self.house.store.read(global_limits.read, self.model.prefix + name, self.house.now)
            assert limit.active_slots == self.model.taken(name, self.house.now)

    async def ask(self, who: int) -> bool:
        names, slots = NEEDS[who % len(NEEDS)]
        if any(slots > self.model.slots[name] for name in names):
            return False
        now, model = self.house.after(0.001), self.model
        wanted = Wanted(
            tuple(model.prefix + name for name in names),
            slots,
            "concurrency",
            Place(f"{model.prefix}{who}", personal=True),
            LEASE,
        )
        expected = model.may(who, names, slots, now)
        found = await self.house.store.write(slot_line.take, wanted, now, 0.0)
        assert isinstance(found, Given) == expected
        if isinstance(found, Given):
            model.leases[found.lease_id] = (names, slots, now + timedelta(seconds=LEASE))
            model.line.pop(who, None)
            for name in names:
                assert model.taken(name, now) <= model.slots[name]
            return True
        assert isinstance(found, Waits)
        since = model.line[who].since if model.waits(who, now) else now
        model.line[who] = Waiting(names, slots, since, now + timedelta(seconds=found.seconds) + GRACE)
        return False

    def lease(self, number: int) -> UUID | None:
        leases = list(self.model.leases)
        return leases[number % len(leases)] if leases else None

    async def end(self, number: int) -> None:
        lease = self.lease(number)
        if lease is not None:
            for _ in range(2):  # a lease that was given back is not given back again
                await self.house.store.write(slot_line.end_lease, lease, self.house.now)
            del self.model.leases[lease]

    async def crash(self, number: int) -> None:
        """Nobody hears from the holder again: nothing is asked of the server."""

    async def renew(self, number: int) -> None:
        lease = self.lease(number)
        if lease is None:
            return
        names, slots, until = self.model.leases[lease]
        lasts = until > self.house.now
        assert await self.house.store.write(slot_line.renew, lease, LEASE, self.house.now) == lasts
        if lasts:
            self.model.leases[lease] = (names, slots, self.house.now + timedelta(seconds=LEASE))

    async def let_pass(self, number: int) -> None:
        self.house.after((0.5, 4.0, 20.0, 61.0)[number % 4])

    async def clear(self, number: int) -> None:
        await self.house.store.write(lease_repossession.clear, self.house.now)

    async def resize(self, number: int) -> None:
        name = list(SLOTS)[number % 3]
        self.model.slots[name] = 1 + number % 4
        body = GlobalConcurrencyLimitUpdate(limit=self.model.slots[name])
        await self.house.store.write(global_limits.update, self.model.prefix + name, body, self.house.now, "test")

    async def end_all(self) -> None:
        """Once holders go, everybody who waits gets slots: nobody waits for ever."""
        waiting = sorted(self.model.line, key=lambda who: self.model.line[who].since)
        for _ in range(len(waiting) + 1):
            for lease in list(self.model.leases):
                await self.house.store.write(slot_line.end_lease, lease, self.house.now)
                del self.model.leases[lease]
            self.house.after(40)
            waiting = [
                who
                for who in waiting
                if not await self.ask(who)
                if all(self.model.slots[name] >= NEEDS[who % len(NEEDS)][1] for name in NEEDS[who % len(NEEDS)][0])
            ]
        assert waiting == []


async def play(house: House, steps: list[tuple[str, int]]) -> None:
    game = Play(house)
    await game.set_up()
    for verb, number in steps:
        await game.step(verb, number)
    await game.end_all()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_slots_are_conserved_and_nobody_is_passed(steps: list[tuple[str, int]]) -> None:
    async def whole() -> None:
        with TemporaryDirectory() as folder:
            async with House.at(Path(folder)) as house:
                await play(house, steps)

    asyncio.run(whole())


def drawn(seed: int) -> Iterator[tuple[str, int]]:
    """Yield steps that are drawn by a seed."""
    random = Random(seed)
    for _ in range(60):
        yield random.choice(VERBS), random.randrange(12)


async def test_it_is_so_on_both_databases(everywhere: House) -> None:
    for seed in range(5):
        await play(everywhere, list(drawn(seed)))


async def test_many_who_ask_at_once_get_no_more_than_there_is(everywhere: House) -> None:
    """Those who do not wait crash, end, or are refused, side by side on several connections."""
    game = Play(everywhere)
    await game.set_up()
    name = game.model.prefix + "c"

    async def one(number: int) -> bool:
        wanted = Wanted((name,), 1, "concurrency", Place(f"{name}{number}", personal=True), LEASE)
        return isinstance(await everywhere.store.write(slot_line.take, wanted, everywhere.now, 0.0), Given)

    assert (await asyncio.gather(*[one(number) for number in range(30)])).count(True) == 3
    everywhere.after(LEASE + 1)  # all of them crashed, and nobody came back
    assert (await asyncio.gather(*[one(number) for number in range(30, 60)])).count(True) == 3


async def test_slots_that_come_back_are_given_as_often_as_the_rate_says(everywhere: House) -> None:
    name = f"{uuid4()}"
    body = GlobalConcurrencyLimitCreate(name=name, limit=5, slot_decay_per_second=2.0)
    await everywhere.store.write(global_limits.create, body, everywhere.now, "test")
    wanted = Wanted((name,), 1, "rate_limit", Place(name, personal=True))
    given = 0
    for _ in range(200):
        found = await everywhere.store.write(slot_line.take, wanted, everywhere.now, 0.0)
        given += isinstance(found, Given)
        everywhere.after(0.1)
    assert 5 + 2 * 20 - 1 <= given <= 5 + 2 * 20


async def test_a_lease_on_a_rate_gives_back_what_has_not_come_back(everywhere: House) -> None:
    name = f"{uuid4()}"
    body = GlobalConcurrencyLimitCreate(name=name, limit=4, slot_decay_per_second=0.1)
    made = await everywhere.store.write(global_limits.create, body, everywhere.now, "test")

    async def taken() -> int:
        return (await everywhere.store.read(global_limits.read, made.id, everywhere.now)).active_slots

    first = await everywhere.take(name, slots=2)
    assert isinstance(first, Given)
    everywhere.after(10)
    assert await taken() == 1
    second = await everywhere.take(name, slots=3)
    assert isinstance(second, Given)
    assert await taken() == 4
    await everywhere.store.write(slot_line.end_lease, first.lease_id, everywhere.now)
    assert await taken() == 3
    everywhere.after(5)
    await everywhere.store.write(slot_line.end_lease, second.lease_id, everywhere.now)
    assert await taken() == 0


async def test_a_rate_that_becomes_a_plain_limit_keeps_what_leases_hold(everywhere: House) -> None:
    name = f"{uuid4()}"
    body = GlobalConcurrencyLimitCreate(name=name, limit=4, slot_decay_per_second=0.1)
    await everywhere.store.write(global_limits.create, body, everywhere.now, "test")
    lease = await everywhere.take(name, slots=2)
    assert isinstance(lease, Given)
    rate = Wanted((name,), 2, "rate_limit", Place(name, personal=True))
    assert isinstance(await everywhere.store.write(slot_line.take, rate, everywhere.now, 0.0), Given)
    change = GlobalConcurrencyLimitUpdate(slot_decay_per_second=0.0)
    await everywhere.store.write(global_limits.update, name, change, everywhere.now, "test")
    assert (await everywhere.store.read(global_limits.read, name, everywhere.now)).active_slots == 2
    await everywhere.store.write(slot_line.end_lease, lease.lease_id, everywhere.now)
    assert (await everywhere.store.read(global_limits.read, name, everywhere.now)).active_slots == 0


async def test_waiting_is_told_by_how_long_slots_are_held(everywhere: House) -> None:
    name = f"{uuid4()}"
    await everywhere.store.write(
        global_limits.create, GlobalConcurrencyLimitCreate(name=name, limit=1), everywhere.now, "test"
    )
    for _ in range(20):
        held = await everywhere.take(name)
        assert isinstance(held, Given)
        everywhere.after(0.2)
        await everywhere.store.write(slot_line.end_lease, held.lease_id, everywhere.now)
    await everywhere.take(name)
    waits = await everywhere.take(name)
    assert isinstance(waits, Waits)
    assert 0.2 <= waits.seconds < 0.3
    await everywhere.store.write(
        slot_line.give_back, Decrement(names=[name], slots=1, occupancy_seconds=9), everywhere.now
    )
    later = await everywhere.take(name)
    assert isinstance(later, Waits)
    assert later.seconds > 4


@pytest.mark.parametrize("slots", [0, 1, 3])
def test_a_limit_that_is_off_is_never_full(slots: int) -> None:
    moment = datetime(2026, 1, 1)
    limit = rules.Limit(uuid4(), "off", slots, moment, moment, False, 0.0, 0, moment, 2.0, rows=5)
    assert rules.full([limit], 2, moment) == []
    assert rules.unfit([limit], 9, rate=True) is None


async def test_numbers_may_be_as_large_or_small_as_there_are(everywhere: House) -> None:
    name, most = f"{uuid4()}", 2**63 - 1
    body = GlobalConcurrencyLimitCreate(name=name, limit=most, slot_decay_per_second=1e308)
    await everywhere.store.write(global_limits.create, body, everywhere.now, "test")
    for slots in (most, 1, most):
        await everywhere.take(name, slots=slots)
        everywhere.after(1)
    await everywhere.store.write(
        global_limits.update, name, GlobalConcurrencyLimitUpdate(slot_decay_per_second=5e-324), everywhere.now, "test"
    )
    for _ in range(3):
        waits = await everywhere.take(name, slots=most)
    assert isinstance(waits, Waits)
    assert waits.seconds == rules.LONGEST_WAIT
    assert (await everywhere.store.read(global_limits.listed, 10, 0, everywhere.now))[-1].limit == most
