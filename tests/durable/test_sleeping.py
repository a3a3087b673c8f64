"""Who only waits for people sleeps, and is awake in time: for the letter, or for the deadline."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from bot.durable.journal import READING
from bot.durable.life import Life
from tests.durable.clocks import HandClock
from tests.durable.houses import House, until
from tests.store.drafts import NOON

SOON, LATE = NOON + timedelta(minutes=3), NOON + timedelta(minutes=9)
MINUTE = 60


class Asking:
    """A workflow that asks once, and keeps what it is told by incident."""

    def __init__(self, deadlines: dict[str, datetime | None] | None = None) -> None:
        self.deadlines = deadlines or {"inc-1": SOON}
        self.begun = list[str]()
        self.told = dict[str, str | None]()
        self.acts = 0

    async def __call__(self, life: Life) -> None:
        self.begun.append(life.incident)
        await life.step("ask", "step.ended", "heal", self._act)
        until_ = self.deadlines.get(life.incident)
        self.told[life.incident] = await life.receive("decision", until_, sleeps=True)

    async def _act(self) -> str:
        self.acts += 1
        return "{}"


def sleeping(house: House) -> int:
    return len(house.journal._asleep)


async def drowsed(house: House, count: int = 1) -> None:
    """Let so much time pass that all of them sleep, none of it while anybody works."""
    for _ in range(2):
        await until(lambda: house.clock.asleep)
        await settled()
        house.clock.tick(MINUTE / 2)
    await until(lambda: sleeping(house) == count)


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_who_waits_for_a_while_holds_no_coroutine_and_is_replayed_by_its_letter(
    path: Path,
) -> None:
    asking = Asking()
    async with House(path, asking) as house:
        await house.begin()
        await drowsed(house)
        living, waiting = len(house.journal._lives), house.journal.waiting
        letter = await house.journal.signal("inc-1", "decision", '{"yes":1}', "U1")
        await until(lambda: asking.told)

    assert (living, waiting) == (0, 1)
    assert letter.won
    assert asking.told == {"inc-1": '{"yes":1}'}
    assert (asking.begun, asking.acts) == (["inc-1"] * 2, 1)


async def test_a_letter_that_comes_soon_needs_no_second_life(path: Path) -> None:
    asking = Asking()
    async with House(path, asking) as house:
        await house.begin()
        await until(lambda: house.clock.asleep)
        house.clock.tick(MINUTE / 2)
        await house.journal.signal("inc-1", "decision", "{}", "U1")
        await until(lambda: asking.told)

    assert asking.begun == ["inc-1"]


async def test_a_deadline_wakes_it_though_the_wall_clock_was_set_back_while_it_slept(
    path: Path,
) -> None:
    asking = Asking()
    async with House(path, asking) as house:
        await house.begin()
        await drowsed(house)
        house.clock.set(-3600)
        for _ in range(4):
            await settled()
            house.clock.tick(MINUTE / 2)
        await until(lambda: asking.told)
        kinds = await house.kinds()

    assert asking.told == {"inc-1": None}
    assert kinds == ["incident.opened", "step.ended", "mail.expired"]


async def test_a_wall_clock_that_is_set_forward_is_noticed_while_all_sleep(path: Path) -> None:
    asking = Asking()
    async with House(path, asking) as house:
        await house.begin()
        await drowsed(house)
        house.clock.set(3600)
        await settled()
        house.clock.tick(MINUTE / 2)
        await until(lambda: asking.told)

    assert asking.told == {"inc-1": None}


async def test_one_that_falls_asleep_later_and_is_due_sooner_is_awake_in_time(path: Path) -> None:
    shortly = NOON + timedelta(seconds=130)
    asking = Asking({"inc-1": LATE, "inc-2": shortly})
    async with House(path, asking) as house:
        await house.begin("inc-1")
        await drowsed(house)
        await house.begin("inc-2")
        await settled()
        await until(lambda: house.clock.asleep == 2)
        await drowsed(house, 2)
        await settled()
        house.clock.tick(10)
        await until(lambda: asking.told)

    assert asking.told == {"inc-2": None}


async def test_what_comes_after_the_deadline_and_before_the_waking_is_too_late(path: Path) -> None:
    asking = Asking()
    async with House(path, asking) as house:
        await house.begin()
        await drowsed(house)
        house.clock.set(3600)
        letter = await house.journal.signal("inc-1", "decision", "{}", "U1")
        await until(lambda: asking.told)

    assert (letter.won, letter.body) == (False, None)
    assert asking.told == {"inc-1": None}


async def test_after_a_restart_all_sleep_at_once_and_few_are_read_at_a_time(path: Path) -> None:
    names = [f"inc-{number}" for number in range(2 * READING)]
    asking = Asking(dict.fromkeys(names, LATE))
    async with House(path, asking) as house:
        for name in names:
            await house.begin(name)
        await until(lambda: house.journal.waiting == len(names))
    async with House(path, asking) as house:
        found = await house.journal.recover()
        most = len(house.journal._lives)
        again = await house.journal.signal(names[-1], "decision", "{}", "U1")
        await until(lambda: sleeping(house) == len(names) - 1 and asking.told)

    assert sorted(found.resumed) == sorted(names)
    assert most <= READING
    assert again.won
    assert asking.told == {names[-1]: "{}"}
    assert asking.acts == len(names)


async def test_one_that_sleeps_goes_on_and_is_begun_no_second_time(path: Path) -> None:
    asking = Asking()
    async with House(path, asking) as house:
        await house.begin()
        await drowsed(house)
        await house.journal.start("inc-1")
        await settled()

        assert (asking.begun, sleeping(house)) == (["inc-1"], 1)


async def test_whoever_is_asleep_at_a_stop_is_asked_by_the_next_life(path: Path) -> None:
    asking = Asking()
    async with House(path, asking) as house:
        await house.begin()
        await drowsed(house)
        await house.journal.close(0)
        house.clock.tick(3600)
        await settled()
        begun = list(asking.begun)
    async with House(path, asking, HandClock(LATE)) as house:
        await house.journal.recover()
        await until(lambda: asking.told)

    assert begun == ["inc-1"]
    assert asking.told == {"inc-1": None}


async def test_it_stays_awake_while_a_step_of_it_is_under_way(path: Path) -> None:
    over, told = asyncio.Event(), list[str | None]()

    async def slow() -> str:
        await over.wait()
        return "{}"

    async def workflow(life: Life) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(life.step("look", "step.ended", "heal", slow))
            await asyncio.sleep(0)
            told.append(await life.receive("decision", None, sleeps=True))
            over.set()

    async with House(path, workflow) as house:
        await house.begin()
        for _ in range(4):
            await until(lambda: house.clock.asleep or house.journal.waiting)
            await settled()
            house.clock.tick(MINUTE / 2)
        await settled()
        lives = len(house.journal._lives)
        await house.journal.signal("inc-1", "decision", "{}", "U1")
        await until(lambda: told)

    assert (lives, told) == (1, ["{}"])
