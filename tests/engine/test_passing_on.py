"""Alerts of another cause wait behind an incident, and go on by themselves when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts, rest
from bot.core.alert import Alert, Severity
from bot.core.library import Library
from bot.core.lifecycle import Event, State
from bot.engine import recording
from bot.slack.cards import root
from tests import builders
from tests.engine.houses import HEALTHY, SICK, WAITING, House, later

DISK = builders.an_alert(name="DiskFull", fingerprint="disk", severity=Severity.WARNING)
INODES = builders.an_alert(name="NoInodes", fingerprint="inodes", severity=Severity.WARNING)
MYSTERY = builders.an_alert(name="Mystery", fingerprint="mystery", severity=Severity.WARNING)


def library(**changes: Any) -> Library:
    """One runbook for a service that is down, one for its disk."""
    return builders.a_library(
        builders.a_runbook(**changes),
        builders.a_runbook(
            runbook="clean-disk",
            title="Clean the disk of a service",
            match={"alerts": ["DiskFull", "NoInodes"]},
        ),
    )


@pytest.fixture(autouse=True)
def two_runbooks(house: House) -> None:
    house.library = library()


async def ends_after(house: House, *others: Alert) -> str:
    """Ask about the service, have others join, and let the question be rejected."""
    first = await house.asked()
    for alert in others:
        assert await house.fire(alert) == first
    await house.vote(yes=False)
    await house.until(State.REJECTED, name=first)
    await house.settle()
    return first


async def test_an_alert_of_another_cause_waits_and_has_its_own_incident_at_the_end(
    house: House,
) -> None:
    first = await ends_after(house, DISK)
    then = await house.until(WAITING)

    assert (then.opened.after, then.opened.alert, then.opened.cause) == (first, DISK, "clean-disk")
    assert then.plan is not None
    assert then.plan.runbook == "clean-disk"
    assert house.of(first).passed_on == facts.PassedOn(to=then.id, count=1, alerts=("DiskFull",))


async def test_it_is_never_healed_by_the_runbook_of_the_other_nor_beside_it(house: House) -> None:
    first = await house.asked()
    await house.fire(DISK)
    await house.settle()

    assert [one.id for one in house.cases.open()] == [first]
    assert house.of(first).apart["disk"].apart == "clean-disk"
    assert set(house.of(first).alerts) == {"f1"}


async def test_a_run_is_resolved_when_the_alerts_of_its_own_cause_are_clear(house: House) -> None:
    first = await house.asked()
    await house.fire(DISK)
    await house.vote()
    await house.until(State.HEALED, within=60)
    house.health.says(SICK)
    await house.resolve()
    ended = await house.until(State.RESOLVED, name=first)
    then = await house.until(WAITING)

    assert ended.closed is not None
    assert ended.closed.says == "healed, verified, and the alert cleared"
    assert then.opened.alert == DISK


async def test_what_cleared_while_it_waited_is_not_passed_on(house: House) -> None:
    first = await house.asked()
    await house.fire(DISK)
    await house.resolve(DISK)
    await house.vote(yes=False)
    await house.until(State.REJECTED, name=first)
    await house.settle()

    assert house.incident.id == first
    assert house.of(first).passed_on is None


async def test_a_question_is_withdrawn_though_an_alert_of_another_cause_fires(
    house: House,
) -> None:
    first = await house.asked()
    await house.fire(DISK)
    await house.resolve()

    await house.until(State.WITHDRAWN, name=first)
    assert (await house.until(WAITING)).opened.after == first


async def test_that_the_other_one_clears_does_not_withdraw_the_question(house: House) -> None:
    first = await house.asked()
    await house.fire(DISK)
    await house.resolve(DISK)
    await house.settle()

    assert house.of(first).state is WAITING


async def test_what_fires_again_while_it_waits_does_not_make_the_healed_run_not_fixed(
    house: House,
) -> None:
    first = await house.asked()
    await house.fire(DISK)
    await house.vote()
    await house.until(State.HEALED, within=60)
    await house.resolve(DISK)
    await house.fire(later(60, DISK))
    await house.settle()

    assert house.of(first).state is State.HEALED
    assert house.of(first).came_back is None


async def test_another_cause_after_a_heal_is_no_relapse_of_it(house: House) -> None:
    first = await house.healed()
    await house.fire(DISK)
    await house.resolve()
    await house.until(State.RESOLVED, name=first)
    await house.resolve(DISK)
    await house.fire(later(100, DISK))
    await house.settle()

    assert house.of(first).state is State.RESOLVED


async def test_the_worst_goes_first_and_the_others_of_its_cause_with_it(house: House) -> None:
    worst = INODES.model_copy(update={"severity": Severity.CRITICAL})
    await ends_after(house, DISK, worst)
    then = await house.until(WAITING)

    assert then.opened.alert == worst
    assert set(then.alerts) == {"disk", "inodes"}
    assert then.apart == {}


async def test_of_two_other_causes_the_second_waits_once_more(house: House) -> None:
    third = builders.a_runbook(runbook="raise-limit", match={"alerts": ["Mystery"]})
    known = library()
    house.library = builders.a_library(*known.runbooks, third)
    first = await ends_after(house, DISK, MYSTERY)
    second = await house.until(WAITING)

    assert (second.opened.alert, set(second.apart)) == (DISK, {"mystery"})

    await house.vote(yes=False)
    await house.until(State.REJECTED, name=second.id)
    last = await house.until(WAITING)

    assert (last.opened.after, last.opened.alert) == (second.id, MYSTERY)
    assert len({first, second.id, last.id}) == 3


async def test_what_nobody_knows_the_cause_of_belongs_to_what_began_lately(house: House) -> None:
    first = await house.asked()
    await house.fire(MYSTERY)

    assert "mystery" in house.of(first).alerts


async def test_long_after_the_beginning_it_comes_by_itself(house: House) -> None:
    await house.healed()
    house.clock.advance(3600)
    house.library = library()
    await house.fire(later(3600, MYSTERY))
    await house.settle()
    known = house.of("inc-a1")

    assert ("mystery" in known.apart) or known.over
    assert "mystery" not in known.alerts


async def test_its_sender_s_repetition_stays_where_it_went(house: House) -> None:
    await ends_after(house, DISK)
    then = await house.until(WAITING)

    assert await house.fire(DISK) == then.id
    assert house.of(then.id).seen == 1


async def test_before_a_change_that_waits_for_days_the_others_go_on_at_once(house: House) -> None:
    house.library = library(rollback={"after": "5h"})
    first = await house.asked()
    await house.fire(DISK)
    await house.vote()
    await house.until(State.HEALED, within=60, name=first)
    await house.settle()

    assert house.of(first).state is State.HEALED
    assert house.incident.opened.after == first


async def test_an_incident_of_before_causes_were_told_keeps_all_its_alerts(house: House) -> None:
    opened = builders.an_opening(workflow="heal-1", cause=None)
    incident = builders.an_incident(opened, name="inc-old")

    assert incident.opened.cause is None
    assert facts.read(opened.body.replace('"cause":null,', "")) == opened


async def test_more_than_are_kept_are_all_passed_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "MOST", 2)
    disks = [DISK.model_copy(update={"fingerprint": f"d{number}"}) for number in range(7)]
    first = await house.asked()
    await house.intake.take(disks)
    await house.resolve(disks[6])
    await house.vote(yes=False)
    await house.until(State.REJECTED, name=first)
    then = await house.until(WAITING)

    assert house.of(first).passed_on is not None
    assert (then.seen, len(then.alerts)) == (6, 2)
    assert (house.of(first).apart_more, len(house.of(first).apart)) == (4, 2)


async def test_what_was_left_behind_is_taken_up_when_its_sender_repeats_it(house: House) -> None:
    first = await house.asked()
    await house.fire(DISK)
    says = "it was begun by another version"
    closed = facts.Closed(event=Event.GAVE_UP, says=says)
    await recording.record(house.world, first, "close", closed)
    second = await house.fire(DISK)

    assert house.of(first).passed_on is None
    assert house.of(second).opened.alert == DISK
    assert second != first


async def drive(house: House) -> None:
    """Whoever gets no answer says it again; the question is rejected."""
    await house.fire()
    await house.until(WAITING, State.REJECTED, name="inc-a1")
    await house.fire(DISK)
    await house.requests.vote("inc-a1", 0, "U1", yes=False, why="no")
    await house.until(State.REJECTED, name="inc-a1")
    await house.until(WAITING)


@pytest.mark.parametrize("entries", range(1, 15))
async def test_a_death_anywhere_loses_and_doubles_nothing(house: House, entries: int) -> None:
    await house.close()
    await house.dies(drive, entries)

    assert [one.opened.alert for one in house.cases.recent(9)] == [DISK, builders.an_alert()]
    assert house.incident.seen == 1
    assert house.crashed == []


async def test_a_card_says_which_alerts_wait_and_where_they_went_on(house: House) -> None:
    first = await house.asked()
    await house.fire(DISK)
    now = house.clock.now() + timedelta(seconds=1)
    waits = str(root.card(house.of(first), now).blocks)
    await house.vote(yes=False)
    await house.until(State.REJECTED, name=first)
    then = await house.until(WAITING)
    gone = str(root.card(house.of(first), now).blocks)

    assert "*1 alert of another cause waits* until this is over" in waits
    assert "DiskFull (clean-disk)" in waits
    assert f"1 alert of another cause goes on in `{then.id}`: DiskFull" in gone
    assert f"waited behind `{first}`, which is over" in str(root.card(then, now).blocks)


async def test_what_heals_by_itself_meanwhile_is_found_healthy(house: House) -> None:
    first = await house.asked()
    await house.fire(DISK)
    house.health.says(HEALTHY)
    await house.resolve()
    await house.until(State.WITHDRAWN, name=first)

    assert (await house.until(State.ALREADY_HEALTHY)).opened.after == first
