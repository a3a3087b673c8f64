"""The casebook is the ledger folded; it can be thrown away and folded again."""

from __future__ import annotations

import pytest

from bot.core import facts
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.transcript import Entry
from bot.engine import casebook, recording, reporting
from tests import builders
from tests.engine.houses import House, later


async def test_it_is_the_same_after_a_restart(house: House) -> None:
    await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    before = house.incident
    await house.restart()

    assert house.incident == before


async def test_who_asks_is_told_of_each_entry_with_the_incident_as_it_stands(house: House) -> None:
    told: list[tuple[State, str]] = []

    def hear(incident: Incident, entry: Entry) -> None:
        told.append((incident.state, entry.kind))

    house.cases.subscribe(hear)
    await house.asked()

    assert told == [
        (State.OPENED, "incident.opened"),
        (State.OPENED, "runbook.chosen"),
        (State.DIAGNOSED, "evidence.read"),
        (State.PLANNED, "plan.made"),
        (State.AWAITING_APPROVAL, "approval.asked"),
    ]


async def test_what_was_foreseen_holds_only_if_just_that_is_recorded(house: House) -> None:
    await house.asked()
    name = house.incident.id
    known, other = house.of(name), builders.an_alert(fingerprint="f3")
    foreseen, recorded = (
        recording.draft(house.world, name, "one", fact)
        for fact in (
            facts.Joined(alert=builders.an_alert(fingerprint="f2")),
            facts.Joined(alert=other),
        )
    )
    ahead = house.cases.ahead(known, foreseen)
    await house.ledger.append(recorded)

    assert set(ahead.alerts) - set(known.alerts) == {"f2"}
    assert set(house.of(name).alerts) - set(known.alerts) == {"f3"}


async def test_what_was_foreseen_and_is_recorded_is_not_folded_again(house: House) -> None:
    await house.asked()
    name = house.incident.id
    joined = facts.Joined(alert=builders.an_alert(fingerprint="f2"))
    foreseen = recording.draft(house.world, name, "one", joined)
    ahead = house.cases.ahead(house.of(name), foreseen)
    await house.ledger.append(foreseen)

    assert house.of(name) is ahead


async def test_an_incident_is_found_as_people_write_it(house: House) -> None:
    name = await house.fire()
    found = [house.cases.find(words) for words in (name, "run-a1", " A1 ", "INC-A1")]

    assert found == [house.of(name)] * 4
    assert house.cases.find("a2") is None


async def test_the_newest_come_first_and_the_open_ones_are_known(house: House) -> None:
    await house.fire(builders.an_alert(name="Unknown"))
    await house.until(State.ESCALATED)
    second = await house.fire(builders.an_alert(fingerprint="f2"))

    assert [one.id for one in house.cases.recent(1)] == [second]
    assert [one.id for one in house.cases.open()] == [second]


async def test_who_was_turned_away_at_a_door_is_recorded_for_the_house(house: House) -> None:
    await reporting.refused(house.world, "slack", "a forged signature")
    (entry,) = await house.entries()

    assert (entry.incident, entry.kind) == ("", "door.refused")


async def test_an_old_incident_leaves_memory_and_is_found_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casebook, "WHOLE", 1)
    await house.restart()
    first = await house.healed()
    await house.resolve()
    whole = await house.until(State.RESOLVED)
    house.clock.advance(4000)
    second = await house.fire(later(4000))
    await house.until(State.ALREADY_HEALTHY, name=second)

    assert house.of(first) == whole
    assert house.of(first) is not whole
    assert [attempt.incident for attempt in house.cases.attempts()] == [first]


async def test_what_was_opened_since_a_moment_is_known_and_nothing_older(house: House) -> None:
    first = await house.fire(builders.an_alert(name="Unknown"))
    await house.until(State.ESCALATED)
    house.clock.advance(3600)
    elsewhere = {"service": "web", "environment": "production"}
    second = await house.fire(builders.an_alert(fingerprint="f2", labels=elsewhere))
    began = [house.of(name).opened_at for name in (first, second)]

    assert [one.id for one in house.cases.since(began[1], 9)] == [second]
    assert [one.id for one in house.cases.since(began[0], 9)] == [second, first]
    assert [one.id for one in house.cases.since(began[0], 1)] == [second]
