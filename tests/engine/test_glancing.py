"""A glance tells what comes in, what waits, what policy closed and what it held back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.core.facts import TicketTold
from bot.core.policy.verdict import Ruled, Ruling
from bot.engine import recording
from bot.engine.arrivals import Arrivals, Outcome
from bot.engine.glancing import Glancing
from bot.ports import Door, Standstill
from bot.store.courses import Courses
from bot.store.inbox import Inbox
from bot.store.rulings import Rulings
from tests import builders
from tests.engine.houses import House
from tests.fakes import FakeClock

HOUR = timedelta(hours=1)


async def a_tower(house: House, arrivals: Arrivals | None = None) -> tuple[Glancing, Inbox]:
    inbox = await Inbox.open(house.writer)
    ruled = Rulings(house.path).since
    between = Courses(house.path).between
    return Glancing(house.world, inbox, arrivals or Arrivals(house.clock), ruled, between), inbox


async def test_the_busiest_door_comes_first_with_what_was_note(house: House) -> None:
    arrivals = Arrivals(house.clock)
    arrivals.note("grafana", Outcome.ACCEPTED, 1)
    for _ in range(3):
        arrivals.note("alertmanager", Outcome.ACCEPTED, 2)
    arrivals.note("alertmanager", Outcome.THROTTLED)
    tower, _ = await a_tower(house, arrivals)

    assert (await tower.glance()).doors == (
        Door("alertmanager", 3, 6, {"throttled": 1}),
        Door("grafana", 1, 1, {}),
    )


async def test_what_waits_is_counted_and_the_oldest_is_timed(house: House) -> None:
    tower, inbox = await a_tower(house)
    calm = await tower.glance()
    for room in ("alerts/alertmanager", "slack"):
        await inbox.put([], room, b"{}", {}, house.clock.now())
        house.clock.advance(10)
    seen = await tower.glance()

    assert (calm.waiting, calm.oldest) == (0, timedelta())
    assert (seen.waiting, seen.oldest) == (2, timedelta(seconds=20))


async def test_what_policy_said_within_a_day_is_told_and_then_forgotten(house: House) -> None:
    tower, _ = await a_tower(house)
    await house.asked()
    today = await tower.glance()
    house.clock.advance(24 * 3600 + 1)

    assert Ruled(Ruling.ASK, "", 1) in today.ruled
    assert (await tower.glance()).ruled == ()


def windows(clock: FakeClock, **keys: Any) -> dict[str, Any]:
    now = clock.now()
    return {"name": "the release", "starts": now - HOUR, "ends": now + HOUR, **keys}


async def test_what_the_policy_itself_closes_now_is_told(house: House) -> None:
    clock = house.clock
    later = windows(clock, name="later", starts=clock.now() + HOUR, ends=clock.now() + 2 * HOUR)
    unread = {"name": "holidays", "calendar": "https://cal.example.org/x.ics", "services": ["shop"],
              "timezone": "UTC"}  # fmt: skip
    rules = {
        "freezes": [windows(clock, environments=["production"]), later, unread],
        "maintenance": [windows(clock, name="the database moves", services=["a", "b"])],
    }
    house.library = builders.a_library(rulebook=builders.a_rulebook(**rules))
    tower, _ = await a_tower(house)

    assert (await tower.glance()).standstills == (
        Standstill("the release", "everything in production", clock.now() + HOUR),
        Standstill("holidays", "shop", None),
        Standstill("the database moves", "a, b", clock.now() + HOUR),
    )


async def test_what_other_systems_were_not_told_is_seen_until_they_are(house: House) -> None:
    tower, _ = await a_tower(house)
    name = await house.asked()
    seen = []
    for why in ("it is closed", ""):
        fact = TicketTold(system="jira", number=0, mark="m", title="opened", tries=3, why_not=why)
        await recording.record(house.world, name, f"told:{why}", fact)
        house.world.untold.note(house.of(name))
        seen.append(dict((await tower.glance()).untold))

    assert seen == [{"jira": 1}, {}]
