"""Who may be at it besides, and what is broken off for their sake."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from bot.clients import processes
from bot.clients.seats import Me
from bot.core.errors import UncertainError
from bot.durable.member import Member, Times
from bot.durable.others import Acts
from tests.clients.seats import Seats
from tests.durable.clocks import HandClock

TIMES = Times()


def member(name: str, seats: Seats, clock: HandClock, process: str = "") -> Member:
    me = Me(name, f"token of {name}", process)
    return Member(me, clock, seats.connect, lambda seen: f"http://{seen}", lambda: 7)


async def test_what_is_broken_off_is_uncertain_and_nothing_else_is() -> None:
    acts = Acts()
    begun = asyncio.Event()

    async def act() -> None:
        async with acts.acting():
            begun.set()
            await asyncio.Event().wait()

    async with acts.acting():
        pass
    with pytest.raises(TimeoutError, match="own"):
        async with acts.acting():
            raise TimeoutError("its own")
    acting = asyncio.ensure_future(act())
    await begun.wait()
    acts.break_off()
    acts.break_off()
    with pytest.raises(UncertainError, match="another replica may act"):
        await acting


async def test_what_is_under_way_may_go_on_until_nobody_can_be_sure_of_the_seat() -> None:
    seats, clock = Seats(), HandClock()
    anna = member("anna", seats, clock)
    await anna.look()
    seats.away = True
    clock.tick(TIMES.believed / 2)
    await anna.look()
    assert (anna.active, anna.safe) == (False, True)
    clock.tick(TIMES.believed / 2)

    assert not anna.safe
    assert TIMES.believed < min(TIMES.idle, TIMES.grace)


async def test_whoever_was_superseded_breaks_off_at_once() -> None:
    seats, clock = Seats(), HandClock()
    anna = member("anna", seats, clock)
    await anna.look()
    anna.supersede()

    assert not anna.safe


async def test_who_had_the_seat_is_gone_when_its_process_is_or_when_it_gave_it_back() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from bot.clients import processes; print(processes.own())"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    found = []
    for process in (ended, processes.own(), "another machine/pid:[1]/7/8", ""):
        seats, clock = Seats(), HandClock()
        anna, bert = member("anna", seats, clock, process), member("bert", seats, clock)
        await anna.look()
        seats.cut(seats.lines[0])
        await bert.look()
        assert bert.active
        found.append(bert.gone())
    seats, clock = Seats(), HandClock()
    anna, bert = member("anna", seats, clock, processes.own()), member("bert", seats, clock)
    await anna.look()
    await anna.resign()
    await bert.look()

    assert found == [True, False, False, False]
    assert bert.gone()
