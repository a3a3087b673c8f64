"""A system outside is kept in step: once, in order, later if need be, and no run waits for it."""

from __future__ import annotations

import asyncio
import dataclasses
import logging

import pytest

from bot.core import exhibit, updates
from bot.core.alert import AlertStatus
from bot.core.facts import Raised, Reviewed, Taken, TicketAgain, TicketLinked, TicketTold
from bot.core.lifecycle import State
from bot.core.updates import Kind
from bot.engine import recording
from bot.engine.corresponding import AT_ONCE, Corresponding
from tests import builders
from tests.desks.fake import REFERENCE, FakeDesk
from tests.desks.faults import Fault
from tests.engine.houses import House
from tests.showcase import FakeExhibits

OVER = builders.an_alert(status=AlertStatus.RESOLVED)


def nowhere(_: str) -> str:
    return ""


def in_step(house: House, desk: FakeDesk) -> Corresponding:
    one = Corresponding(house.world, "fake", desk, nowhere)
    one.begin()
    return one


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def wanted(house: House) -> list[str]:
    """The marks of everything that there is to tell of the newest incident."""
    return [one.mark for one in updates.of(house.incident)]


async def test_a_whole_incident_is_told_once_and_in_order(house: House, desk: FakeDesk) -> None:
    in_step(house, desk)
    await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.settle()
    kinds = [one.kind for one in updates.of(house.incident)]

    assert desk.marks == wanted(house)
    assert [kinds[0], *kinds[-2:]] == [Kind.OPENED, Kind.HEALED, Kind.ENDED]
    assert {Kind.DIAGNOSED, Kind.PLANNED, Kind.ASKED, Kind.VOTED, Kind.STEP} < set(kinds)
    assert not any(uncertain for _, uncertain in desk.asked)
    assert desk.resolved(REFERENCE)


async def test_that_it_was_told_stands_in_the_ledger(house: House, desk: FakeDesk) -> None:
    in_step(house, desk)
    await house.healed()
    await house.settle()
    told = await house.facts(TicketTold)

    assert await house.facts(TicketLinked) == [TicketLinked(system="fake", reference=REFERENCE)]
    assert [one.mark for one in told] == desk.marks
    assert {(one.reference, one.tries, one.why_not) for one in told} == {(REFERENCE, 1, "")}
    assert house.incident.tickets["fake"].reference == REFERENCE


async def test_whom_it_does_not_concern_is_told_nothing(house: House, desk: FakeDesk) -> None:
    desk.concerns = lambda incident: None  # type: ignore[method-assign]
    in_step(house, desk)
    await house.healed()
    await house.settle()

    assert desk.asked == []
    assert await house.facts(TicketLinked) == []


async def test_a_record_is_opened_once_and_everything_goes_there(house: House) -> None:
    desk = FakeDesk(opens=True)
    desk.fail(Fault.LOST)
    in_step(house, desk)
    await house.healed()
    await house.pass_(10)

    assert list(desk.kept) == [REFERENCE, "FAKE-2"]
    assert desk.marks == wanted(house)
    assert house.incident.tickets["fake"].reference == "FAKE-2"


@pytest.mark.parametrize("fault", Fault)
async def test_whatever_goes_wrong_on_the_way_each_update_arrives_once_in_order(
    house: House, desk: FakeDesk, fault: Fault
) -> None:
    desk.fail(*[fault] * 3)
    in_step(house, desk)
    await house.healed()
    await house.pass_(60)

    assert desk.marks == wanted(house)
    taken = fault in {Fault.LOST, Fault.LATE}
    assert (await house.facts(TicketTold))[0].tries == (2 if taken else 4)


async def test_a_desk_that_is_away_delays_no_run_and_hears_of_all_of_it_later(
    house: House, desk: FakeDesk
) -> None:
    desk.locked = True
    in_step(house, desk)
    name = await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    assert desk.marks == []
    desk.locked = False
    await house.pass_(400)

    assert desk.marks == wanted(house)
    assert desk.marks[0] == f"{name}.0"


async def test_it_is_asked_less_and_less_often_while_it_is_away(
    house: House, desk: FakeDesk
) -> None:
    desk.locked = True
    in_step(house, desk)
    await house.healed()
    await house.pass_(3600)

    assert 5 < len(desk.asked) < 25


async def test_no_secret_that_a_refusal_repeats_is_kept(house: House, desk: FakeDesk) -> None:
    desk.refuses, desk.refusal = ".0", "it refuses password=hunter22 for the shop"
    in_step(house, desk)
    await house.asked()
    await house.pass_(60)
    [missed] = house.incident.tickets["fake"].missed

    assert missed.why_not == "it refuses password=••• for the shop"


async def test_a_replica_that_may_not_act_tells_nothing_until_it_may_again(
    house: House, desk: FakeDesk
) -> None:
    seat = asyncio.Event()

    async def leave() -> None:
        await seat.wait()

    Corresponding(dataclasses.replace(house.world, leave=leave), "fake", desk, nowhere).begin()
    await house.healed()
    await house.settle()
    before = list(desk.asked)
    seat.set()
    await house.settle()

    assert before == []
    assert desk.marks == wanted(house)


async def test_a_rest_that_it_asks_for_is_kept(house: House, desk: FakeDesk) -> None:
    desk.fail(Fault.TOO_FAST)
    in_step(house, desk)
    await house.asked()
    await house.settle()
    await house.pass_(6.5)
    before = list(desk.marks)
    await house.pass_(1)

    assert before == []
    assert desk.marks == wanted(house)


async def test_what_is_refused_for_what_it_is_is_given_up_and_the_next_is_told(
    house: House, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.refuses = ".0"
    in_step(house, desk)
    with caplog.at_level(logging.WARNING):
        await house.healed()
        await house.pass_(60)
    [missed] = house.incident.tickets["fake"].missed

    assert (missed.number, missed.why_not) == (0, "the desk refuses that text")
    assert desk.marks == wanted(house)[1:]
    assert "is not told of" in caplog.text


async def test_after_days_it_is_given_up_visibly_and_told_when_somebody_retries(
    house: House, desk: FakeDesk
) -> None:
    desk.locked = True
    one = in_step(house, desk)
    name = await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.pass_(4 * 86400)
    missed = house.incident.tickets["fake"].missed
    still = await one.retry(name)
    desk.locked = False
    await house.pass_(600)

    assert [each.mark for each in missed] == wanted(house)
    assert still == "the desk does not take the password"
    assert await one.retry(name) == ""
    assert desk.marks == wanted(house)
    assert house.incident.tickets["fake"].missed == ()


async def test_who_may_operate_heal_has_told_once_more_what_was_given_up(
    house: House, desk: FakeDesk
) -> None:
    desk.refuses = ".0"
    in_step(house, desk)
    name = await house.healed()
    await house.pass_(60)
    desk.refuses = ""
    refused = await house.orders.retell("U7")
    await house.settle()
    before = list(desk.marks)
    answer = await house.orders.retell("U1")
    await house.settle()
    again = await house.orders.retell("U1")

    assert (refused.done, before) == (False, wanted(house)[1:])
    assert answer.done
    assert f"1 update of {name} " in answer.text
    assert sorted(desk.marks) == sorted(wanted(house))
    assert await house.facts(TicketAgain) == [TicketAgain(by="U1")]
    assert (again.done, again.text.partition(",")[0]) == (False, "Everything was told")


async def test_what_an_earlier_life_gave_up_is_known_at_a_start_and_tried_once_more(
    house: House, desk: FakeDesk
) -> None:
    desk.refuses = ".0"
    in_step(house, desk)
    await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.pass_(60)
    await house.restart()
    known = dict(house.world.untold.by_system())
    in_step(house, desk)
    await house.settle()
    told = dict(house.world.untold.by_system())
    desk.refuses = ""
    await house.restart()
    in_step(house, desk)
    await house.settle()

    assert (known, told) == ({}, {"fake": 1})
    assert not house.world.untold.by_system()
    assert sorted(desk.marks) == sorted(wanted(house))


async def test_what_is_recorded_while_the_house_closes_begins_nothing_and_is_told_later(
    house: House, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    in_step(house, desk)
    await house.asked()
    await house.settle()
    before = list(desk.marks)
    await house.tasks.close(0)
    with caplog.at_level(logging.ERROR):
        await recording.record(house.world, house.incident.id, "late", Taken(by="U1"))
    silent = list(desk.marks)
    await house.restart()
    in_step(house, desk)
    await house.settle()

    assert silent == before
    assert caplog.records == []
    assert desk.marks == wanted(house) != before


@pytest.mark.parametrize("taken", [True, False])
async def test_killed_in_the_middle_another_life_looks_first_and_goes_on(
    house: House, desk: FakeDesk, *, taken: bool
) -> None:
    desk.faults = [Fault.LOST if taken else Fault.AWAY] * 1000
    in_step(house, desk)
    await house.healed()
    await house.settle()
    tried = len(desk.asked)
    desk.faults = []
    await house.restart(away=60)
    in_step(house, desk)
    await house.settle()

    assert desk.asked[tried] == (desk.asked[tried - 1][0], True)
    assert desk.marks == wanted(house)


@pytest.mark.parametrize("entries", range(8, 34, 3))
async def test_killed_around_every_entry_it_is_told_once_and_in_order(
    house: House, desk: FakeDesk, entries: int
) -> None:
    await house.close()

    async def drive(house: House) -> None:
        in_step(house, desk)
        if not house.cases.recent(1):
            await house.fire()
        if house.incident.state is not State.HEALED:
            await house.until(State.AWAITING_APPROVAL, State.HEALED, within=60)
            await house.vote()
            await house.until(State.HEALED, within=60)
        await house.pass_(60)

    await house.dies(drive, entries)

    assert desk.marks == wanted(house)


async def test_an_incident_that_ended_before_anybody_was_to_be_told_is_old_news(
    house: House, desk: FakeDesk
) -> None:
    await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.restart()
    in_step(house, desk)
    await house.settle()

    assert desk.asked == []


async def test_what_was_called_healed_and_came_back_is_not_resolved_there(
    house: House, desk: FakeDesk
) -> None:
    in_step(house, desk)
    name = await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.settle()
    well = desk.resolved(REFERENCE)
    await house.fire(builders.an_alert(starts_at=house.clock.now()))
    await house.settle()

    assert well
    assert house.of(name).state is State.NOT_FIXED
    assert not desk.resolved(REFERENCE)


async def test_a_desk_that_was_away_is_never_told_that_it_is_well_when_it_came_back_meanwhile(
    house: House, desk: FakeDesk
) -> None:
    desk.locked = True
    in_step(house, desk)
    await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.fire(builders.an_alert(starts_at=house.clock.now()))
    desk.locked = False
    resolved: list[bool] = []
    tell = desk.tell

    async def seen(*given: object, **named: object) -> str:
        reference = await tell(*given, **named)  # type: ignore[arg-type]
        resolved.append(desk.resolved(REFERENCE))
        return reference

    desk.tell = seen  # type: ignore[method-assign]
    await house.pass_(400)

    assert len(resolved) > 5
    assert not any(resolved)


async def test_who_is_called_finds_the_transcript_beside_the_note(
    house: House, desk: FakeDesk
) -> None:
    in_step(house, desk)
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=600)
    await house.settle()
    kinds = {update.mark: update.kind for update in updates.of(house.incident)}
    called, ended = (
        next(shown for mark, shown in desk.shown.items() if kinds[mark] is kind)
        for kind in (Kind.ESCALATED, Kind.ENDED)
    )

    assert {kinds[mark] for mark in desk.shown} == {Kind.ESCALATED, Kind.ENDED}
    for shown in (called, ended):
        assert shown.said.media.startswith("text/markdown")
        assert b"## Timeline" in shown.octets
        assert b"step.ended" in shown.octets or b"step 1" in shown.octets.lower()


async def test_r63_who_is_called_has_the_report_of_the_disk_with_the_ticket(
    house: House, desk: FakeDesk
) -> None:
    report = "81G\t/var\n40G\t/var/log/shop"
    house.health.says({"status": 503, "report": report})
    in_step(house, desk)
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=600)
    await house.settle()
    told = [shown.octets.decode() for shown in desk.shown.values()]

    assert told
    assert all("81G /var\n" in text and "40G /var/log/shop" in text for text in told)


async def test_a_graph_goes_along_as_it_is_kept(house: House, desk: FakeDesk) -> None:
    exhibits = FakeExhibits(house.ledger)
    Corresponding(house.world, "fake", desk, nowhere, exhibits).begin()
    name = await house.asked()
    said, octets = exhibit.exhibited(
        "graph.png", b"PNG", media=exhibit.PNG, title="Errors", says="they fall"
    )
    drafted = recording.draft(house.world, name, "exhibit:graph.png", said)
    await exhibits.keep([(drafted, octets)])
    await house.settle()

    assert [(one.said.name, one.octets) for one in desk.shown.values()] == [("graph.png", b"PNG")]
    assert desk.marks == wanted(house)


async def test_what_was_given_up_is_tried_once_more_at_the_next_start(
    house: House, desk: FakeDesk
) -> None:
    desk.locked = True
    one = in_step(house, desk)
    await house.healed()
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.pass_(4 * 86400)
    given_up = one.settled
    await house.restart()
    desk.locked = False
    in_step(house, desk)
    await house.pass_(10)

    assert given_up == {"given up": len(wanted(house))}
    assert desk.marks == wanted(house)
    assert house.incident.tickets["fake"].missed == ()


async def test_old_news_is_told_to_nobody_whatever_is_said_of_it_later(
    house: House, desk: FakeDesk
) -> None:
    house.pool.then = lambda: None
    name = await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=600)
    await house.pass_(2 * 3600)
    in_step(house, desk)
    await recording.record(house.world, name, "said", Reviewed(by="U9", right=False), "U9")
    await house.settle()
    before = list(desk.asked)
    await recording.record(house.world, name, "raised:9", Raised(level=9, calls=("leads",)))
    await house.settle()

    assert before == []
    assert desk.marks == wanted(house), "but a call of this moment is heard"


async def test_few_incidents_are_told_at_the_same_time(house: House, desk: FakeDesk) -> None:
    gate, inside, most = asyncio.Event(), 0, 0
    tell = desk.tell

    async def slowly(*given: object, **named: object) -> str:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await gate.wait()
        inside -= 1
        return await tell(*given, **named)  # type: ignore[arg-type]

    desk.tell = slowly  # type: ignore[method-assign]
    desk.concerns = lambda incident: REFERENCE  # type: ignore[method-assign]
    one = in_step(house, desk)
    for number in range(3 * AT_ONCE):
        labels = {"service": f"shop-{number}", "environment": "production"}
        await house.fire(builders.an_alert(labels=labels, fingerprint=f"f{number}"))
    await house.settle()
    waiting = one.behind
    gate.set()
    await house.settle()

    assert (waiting, most, one.behind) == (3 * AT_ONCE, AT_ONCE, 0)


async def test_r53_a_crash_right_after_people_were_called_loses_no_page(house: House) -> None:
    await house.fire(builders.an_alert(name="NobodyKnowsThis"))
    await house.until(State.ESCALATED)
    await house.restart()
    pager = FakeDesk(opens=True)
    in_step(house, pager)
    await house.settle()
    told = [*pager.marks]
    await house.restart()
    in_step(house, pager)
    await house.settle()

    assert told == wanted(house)
    assert pager.marks == told


async def test_people_who_were_called_long_ago_are_not_called_by_a_new_pager(
    house: House,
) -> None:
    rules = builders.a_rulebook(escalation={"levels": []})
    house.library = builders.a_library(rulebook=rules)
    await house.fire(builders.an_alert(name="NobodyKnowsThis"))
    await house.until(State.ESCALATED)
    await house.restart(away=3700)
    pager = FakeDesk(opens=True)
    in_step(house, pager)
    await house.settle()

    assert pager.asked == []
