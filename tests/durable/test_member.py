"""Who may act, among replicas whose clocks a test moves by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.clients.seats import Me
from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.durable.member import Member, Times
from tests.clients.seats import Line, Seats
from tests.durable.clocks import HandClock
from tests.durable.houses import until

TIMES = Times()


def member(name: str, seats: Seats, clock: HandClock) -> Member:
    me = Me(name, f"token of {name}")
    return Member(me, clock, seats.connect, lambda seen: f"http://{seen}", lambda: 7)


@asynccontextmanager
async def kept(*members: Member) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        keeping = [group.create_task(one.keep()) for one in members]
        yield
        for task in keeping:
            task.cancel()


async def test_the_first_that_looks_is_active_and_all_others_stand_by_and_say_so() -> None:
    seats, clock = Seats(), HandClock()
    anna, bert = member("anna", seats, clock), member("bert", seats, clock)
    await anna.look()
    await bert.look()

    assert (anna.active, anna.why_not, anna.epoch) == (True, "", 1)
    assert (bert.active, bert.why_not) == (False, "standby: anna is active")
    assert bert.seat == (1, "anna", "http://192.0.2.7", "token of anna")
    anna.insist()
    with pytest.raises(StoreUnavailable, match="standby: anna is active"):
        bert.insist()


async def test_who_died_is_followed_at_the_next_look_in_a_new_epoch() -> None:
    seats, clock = Seats(), HandClock()
    anna, bert = member("anna", seats, clock), member("bert", seats, clock)
    await anna.look()
    async with kept(bert):
        await until(lambda: clock.asleep)
        seats.cut(seats.lines[0])
        clock.tick(TIMES.look)
        await bert.seated.wait()

    assert (bert.active, bert.epoch, seats.executor) == (True, 2, "bert")


async def test_an_answer_that_is_too_old_lets_nothing_begin_and_a_new_one_does() -> None:
    seats, clock = Seats(), HandClock()
    anna = member("anna", seats, clock)
    await anna.look()
    clock.tick(TIMES.believed)
    assert not anna.active
    leaving = asyncio.ensure_future(anna.leave())
    await until(lambda: clock.asleep)
    await anna.look()
    clock.tick(TIMES.again)

    await leaving
    assert anna.active
    assert TIMES.believed < TIMES.idle
    assert TIMES.believed < TIMES.grace


async def test_who_wakes_up_after_another_took_the_seat_is_superseded_and_never_acts_again() -> (
    None
):
    seats, clock = Seats(), HandClock()
    anna, bert = member("anna", seats, clock), member("bert", seats, clock)
    await anna.look()
    seats.cut(seats.lines[0])
    await bert.look()
    async with asyncio.timeout(180):
        await asyncio.gather(anna.keep(), _ticking(clock, anna))

    assert anna.superseded.is_set()
    assert anna.why_not == "another replica took the seat: bert is active"
    seats.cut(seats.lines[0])
    await anna.look()
    assert not anna.active


async def test_who_lost_its_session_while_nobody_else_looked_goes_on_in_its_own_epoch() -> None:
    seats, clock = Seats(), HandClock()
    anna = member("anna", seats, clock)
    await anna.look()
    seats.restart()
    await anna.look()
    assert not anna.active, "it found out only now"
    await anna.look()

    assert (anna.active, anna.epoch, anna.superseded.is_set()) == (True, 1, False)


async def test_after_postgres_was_away_those_who_stand_by_leave_the_seat_to_who_had_it() -> None:
    seats, clock = Seats(), HandClock()
    anna, bert = member("anna", seats, clock), member("bert", seats, clock)
    await anna.look()
    await bert.look()
    seats.restart()
    seats.away, seats.up = True, 1e6  # for longer than anybody's patience with a young server
    await bert.look()
    assert bert.why_not == "Postgres does not answer: the connection is lost"
    await bert.look()
    assert bert.why_not == "Postgres does not answer: connection refused"
    seats.away = False
    await bert.look()
    clock.tick(TIMES.grace - 1)
    await bert.look()
    assert not bert.active

    clock.tick(1)
    await bert.look()
    assert bert.active


async def test_who_comes_new_to_a_server_that_has_just_begun_waits_as_well() -> None:
    seats, clock = Seats(), HandClock()
    await member("anna", seats, clock).look()
    seats.restart()
    bert = member("bert", seats, clock)
    await bert.look()
    assert not bert.active
    seats.up = TIMES.grace
    await bert.look()
    assert bert.active


async def test_who_took_the_seat_again_after_a_restart_is_followed_at_once_when_it_dies() -> None:
    seats, clock = Seats(), HandClock()
    anna, bert = member("anna", seats, clock), member("bert", seats, clock)
    await anna.look()
    await bert.look()
    seats.restart()
    for one in (anna, bert, anna, bert):
        await one.look()
    assert (anna.active, bert.active) == (True, False)
    clock.tick(1)
    seats.up = seats.taken = 1.0
    await anna.look()
    seats.up, seats.taken = 2.0, 1.0
    seats.cut(seats.lines[0])
    await bert.look()

    assert bert.active


async def test_where_nobody_ever_was_active_nobody_is_waited_for() -> None:
    seats = Seats(up=0.0)
    anna = member("anna", seats, HandClock())
    await anna.look()

    assert anna.active


async def test_who_resigns_is_followed_at_once() -> None:
    seats, clock = Seats(up=0.0), HandClock()
    anna, bert = member("anna", seats, clock), member("bert", seats, clock)
    await anna.look()
    await anna.resign()
    await bert.look()

    assert (anna.active, bert.active, bert.epoch) == (False, True, 2)
    assert list(seats.members) == ["bert"]


async def test_the_last_commit_of_who_had_the_seat_is_waited_for_without_keeping_the_lock() -> None:
    seats, clock = Seats(committing=True), HandClock()
    anna = member("anna", seats, clock)
    await anna.look()
    assert (anna.active, seats.holder) == (False, None)
    seats.committing = False
    await anna.look()

    assert anna.active


async def test_a_refused_commit_ends_it_before_the_next_look() -> None:
    anna = member("anna", Seats(), HandClock())
    await anna.look()
    anna.supersede()

    assert not anna.active
    assert anna.superseded.is_set()


async def test_an_answer_that_does_not_come_is_given_up_and_a_new_session_is_tried() -> None:
    class Silent(Line):
        async def look(self, *_: object) -> None:  # type: ignore[override]
            await asyncio.Event().wait()

    seats, clock = Seats(), HandClock()

    async def connect() -> Line:
        return Silent(seats) if len(calls) == 1 else await seats.connect()

    calls = [1]
    anna = Member(Me("anna", "t"), clock, connect, str, lambda: 0, Times(answering=0.01))
    await anna.look()
    assert anna.why_not == "Postgres takes too long to answer"
    calls.append(2)
    await anna.look()

    assert anna.active


async def test_rights_that_were_taken_away_end_no_task_but_are_told() -> None:
    async def connect() -> Line:
        raise ConfigurationError("HEAL_DATABASE_URL: Postgres says: permission denied")

    anna = Member(Me("anna", "t"), HandClock(), connect, str, lambda: 0)
    await anna.look()

    assert anna.why_not == "HEAL_DATABASE_URL: Postgres says: permission denied"


async def _ticking(clock: HandClock, member: Member) -> None:
    while not member.superseded.is_set():
        clock.tick(1)
        await asyncio.sleep(0)
