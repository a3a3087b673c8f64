"""What is posted is authentic, well formed and on disk before it is accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.core import facts
from bot.core.alert import Alert, AlertStatus
from bot.core.errors import AlertRejected
from bot.core.lifecycle import State
from bot.core.posted import Posted, Receipt
from bot.engine.receiving import AHEAD, PAUSE, SHARE, Receiving
from bot.store.inbox import Inbox, Item
from tests import builders
from tests.engine.houses import WAITING, House
from tests.fakes import FakeClock, FakeSource

KEY = {"authorization": "open sesame"}
BODY = builders.an_alert().model_dump_json().encode()


async def receiving(house: House, **doors: FakeSource) -> Receiving:
    inbox = await Inbox.open(house.writer)
    doors = doors or {"fake": FakeSource()}
    return Receiving(house.world, inbox, house.intake.take, doors)


async def test_what_is_accepted_is_on_disk_and_becomes_an_incident(house: House) -> None:
    room = await receiving(house)
    accepted = await room.receive("fake", KEY, BODY)
    waiting = await (await Inbox.open(house.writer)).pending()
    house.tasks.start(room.work(), name="work")
    await house.until_known()
    await house.until(WAITING)

    assert (accepted, len(waiting)) == (Receipt(1), 1)
    assert await (await Inbox.open(house.writer)).pending() == []


class Forgetful(FakeSource):
    """Its next version, or a mapping that was changed meanwhile: it reads nothing any more."""

    def read(self, posted: Posted) -> list[Alert]:
        raise AlertRejected("no mapping reads it")


async def test_what_was_accepted_and_cannot_be_read_after_a_restart_is_said_and_recorded(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await (await receiving(house)).receive("fake", KEY, BODY)

    await (await receiving(house, fake=Forgetful())).recover()

    (refused,) = await house.facts(facts.Refused)
    assert refused.door == "alerts/fake"
    assert "cannot be read any more: no mapping reads it" in refused.why
    assert refused.why in caplog.text
    assert await (await Inbox.open(house.writer)).pending() == []


async def test_a_wrong_secret_is_refused_and_recorded(house: House) -> None:
    room = await receiving(house)
    with pytest.raises(AlertRejected) as refused:
        await room.receive("fake", {"authorization": "guess"}, BODY)

    assert refused.value.status == 401
    assert [one.door for one in await house.facts(facts.Refused)] == ["alerts/fake"]


async def test_a_source_that_is_not_configured_does_not_exist(house: House) -> None:
    room = await receiving(house)
    with pytest.raises(AlertRejected, match="no source is called 'zabbix' here") as refused:
        await room.receive("zabbix", KEY, BODY)

    assert refused.value.status == 404


async def test_what_is_no_alert_is_refused_and_nothing_of_it_is_kept(house: House) -> None:
    room = await receiving(house)
    with pytest.raises(AlertRejected) as refused:
        await room.receive("fake", KEY, b"{}")

    assert refused.value.status == 422
    assert await (await Inbox.open(house.writer)).pending() == []
    assert await house.entries() == []


async def test_the_known_ones_are_told_where_a_source_is_unknown(house: House) -> None:
    room = await receiving(house, fake=FakeSource(), other=FakeSource())
    with pytest.raises(AlertRejected, match="open are fake, other"):
        await room.receive("zabbix", KEY, BODY)


async def test_a_delivery_that_came_before_is_accepted_and_counts_once(house: House) -> None:
    room = await receiving(house)
    first = await room.receive("fake", {**KEY, "delivery": "d1"}, BODY)
    second = await room.receive("fake", {**KEY, "delivery": "d1"}, BODY)
    third = await room.receive("fake", {**KEY, "delivery": "d2"}, BODY)

    assert [first, second, third] == [Receipt(1), Receipt(0, again=True), Receipt(1)]
    assert len(await (await Inbox.open(house.writer)).pending()) == 2


async def test_what_is_about_the_connection_is_answered_and_not_kept(house: House) -> None:
    room = await receiving(house)

    assert await room.receive("fake", KEY, b"hello") == Receipt(0, greeted="we are friends now")
    assert await (await Inbox.open(house.writer)).pending() == []


async def test_a_stranger_is_not_greeted(house: House) -> None:
    room = await receiving(house)
    with pytest.raises(AlertRejected, match="not authentic"):
        await room.receive("fake", {}, b"hello")


async def test_a_refusal_leaves_one_line_without_what_was_sent(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    room = await receiving(house)
    with pytest.raises(AlertRejected):
        await room.receive("fake", {"authorization": "hunter2"}, b"hunter3", "192.0.2.7")

    (line,) = caplog.messages
    assert "'fake': refused 192.0.2.7: 401" in line
    assert "hunter" not in line


async def test_after_a_death_a_message_is_read_with_the_headers_it_came_with(house: House) -> None:
    room = await receiving(house)
    await room.receive("fake", {**KEY, "as": "ServiceGone"}, BODY)
    (kept,) = await (await Inbox.open(house.writer)).pending()
    later = await receiving(house)
    await later.recover()
    house.tasks.start(later.work(), name="work")
    await house.until_known()
    await house.until(State.ESCALATED)

    assert kept.headers == {"as": "ServiceGone"}
    assert [one.name for one in house.incident.alerts.values()] == ["ServiceGone"]


async def test_what_was_accepted_before_a_death_is_taken_after_it(house: House) -> None:
    room = await receiving(house)
    await room.receive("fake", KEY, BODY)
    await house.restart()
    room = await receiving(house)
    await room.recover()
    house.tasks.start(room.work(), name="work")
    await house.until_known()

    assert house.incident.opened.title == "shop answers 502 on web-1"


async def test_what_no_version_understands_any_more_is_put_aside(house: House) -> None:
    inbox = await Inbox.open(house.writer)
    for name, body in (("alerts/fake", b"{}"), ("alerts/gone", BODY), ("slack", b"{}")):
        await inbox.put([], name, body, {}, house.clock.now())
    await (await receiving(house)).recover()

    assert [item.room for item in await inbox.pending()] == ["alerts/gone", "slack"]


async def test_an_alert_waits_for_a_file_that_cannot_be_written(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    room = await receiving(house)
    await room.receive("fake", KEY, BODY)
    moved = house.path.rename(house.path.with_name("moved.db"))
    house.tasks.start(room.work(), name="work")
    for _ in range(3):
        await house.turn()
        house.clock.advance(1)
    await house.turn()
    moved.rename(house.path)
    house.clock.advance(1)
    await house.until_known()

    assert house.incident.opened.title == "shop answers 502 on web-1"
    assert caplog.text.count("cannot be written") == 1
    assert "Traceback" not in caplog.text


async def test_one_alert_that_cannot_be_taken_costs_no_other_of_its_message(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = await Inbox.open(house.writer)
    two = [builders.an_alert(fingerprint="f1"), builders.an_alert(fingerprint="f2")]

    class Both(FakeSource):
        def read(self, *_: object) -> list[Alert]:
            return two

    async def take(alerts: Sequence[Alert]) -> object:
        if alerts[0].fingerprint == "f1":
            raise ZeroDivisionError("a bug")
        return await house.intake.take(alerts)

    room = Receiving(house.world, inbox, take, {"fake": Both()})
    await room.receive("fake", KEY, BODY)
    house.tasks.start(room.work(), name="work")
    await house.until_known()
    await house.until(WAITING)

    assert list(house.incident.alerts) == ["f2"]
    assert await inbox.pending() == []
    assert "a bug" in caplog.text


async def test_an_alert_that_cannot_be_taken_does_not_stop_those_behind_it(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = await Inbox.open(house.writer)

    async def take(alerts: Sequence[Alert]) -> object:
        if "f1" in {alert.fingerprint for alert in alerts}:
            raise ZeroDivisionError("a bug")
        return await house.intake.take(alerts)

    room = Receiving(house.world, inbox, take, {"fake": FakeSource()})
    await room.receive("fake", KEY, BODY)
    await room.receive("fake", KEY, builders.an_alert(fingerprint="f2").model_dump_json().encode())
    house.tasks.start(room.work(), name="work")
    await house.until_known()
    await house.until(WAITING)

    assert list(house.incident.alerts) == ["f2"]
    assert await inbox.pending() == []
    assert "a bug" in caplog.text


def a_body(fingerprint: str, **changes: object) -> bytes:
    alert = builders.an_alert(fingerprint=fingerprint, **changes)
    return alert.model_dump_json().encode()


async def received(room: Receiving, *bodies: bytes) -> None:
    """Receive these at once; all are on disk then, and none is dealt with."""
    await asyncio.gather(*(room.receive("fake", KEY, body) for body in bodies))


async def dealt_with(house: House, inbox: Inbox) -> None:
    async with asyncio.timeout(180):
        while len(inbox):
            await asyncio.sleep(0.002)
    await house.settle()


def a_room(house: House, inbox: Inbox) -> Receiving:
    return Receiving(house.world, inbox, house.intake.take, {"fake": FakeSource()})


class SmallPages(Inbox):
    """An inbox of which little is read at a time."""

    async def pending(self, room: str = "", after: int = 0) -> list[Item]:
        return (await super().pending(room, after))[:7]


async def test_more_than_memory_holds_is_taken_from_the_inbox_in_its_order(house: House) -> None:
    inbox, count = await SmallPages.open(house.writer), AHEAD + 60
    room = a_room(house, inbox)
    await house.asked()
    await received(room, *(a_body(f"more-{number}") for number in range(count)))
    house.tasks.start(room.work(), name="work")
    async with asyncio.timeout(180):
        while len(inbox) > AHEAD // 2:
            await asyncio.sleep(0.002)
    await received(room, a_body("late"))
    await dealt_with(house, inbox)
    joined = [fact.alert.fingerprint for fact in await house.facts(facts.Joined)]

    assert joined == [*(f"more-{number}" for number in range(count)), "late"]


async def test_alerts_that_wait_together_share_their_commits(house: House) -> None:
    inbox = await Inbox.open(house.writer)
    room = a_room(house, inbox)
    await house.asked()
    await received(room, *(a_body(f"more-{number}") for number in range(40)))
    before = house.writer.commits
    house.tasks.start(room.work(), name="work")
    await dealt_with(house, inbox)

    assert house.incident.seen == 41
    assert house.writer.commits - before < 20


async def test_the_end_of_an_alert_that_waits_behind_its_beginning_is_not_lost(
    house: House,
) -> None:
    inbox = await Inbox.open(house.writer)
    room = a_room(house, inbox)
    await house.asked()
    over = {"status": AlertStatus.RESOLVED, "ends_at": house.clock.now()}
    await received(room, a_body("f2"), a_body("f2", **over), a_body("f3"))
    house.tasks.start(room.work(), name="work")
    await dealt_with(house, inbox)

    assert {name: alert.firing for name, alert in house.incident.alerts.items()} == {
        "f1": True, "f2": False, "f3": True,
    }  # fmt: skip


async def test_no_alert_comes_twice_in_what_is_taken_together(house: House) -> None:
    """Taken again after a crash, the beginning would come behind the end that it had."""
    inbox, together = await Inbox.open(house.writer), list[list[str]]()

    async def take(alerts: Sequence[Alert]) -> object:
        together.append([alert.fingerprint for alert in alerts])
        return await house.intake.take(alerts)

    room = Receiving(house.world, inbox, take, {"fake": FakeSource()})
    over = {"status": AlertStatus.RESOLVED, "ends_at": house.clock.now()}
    await received(room, a_body("f1"), a_body("f2"), a_body("f2", **over), a_body("f3"))
    house.tasks.start(room.work(), name="work")
    await dealt_with(house, inbox)

    assert together == [["f1", "f2"], ["f2", "f3"]]


class Ticking(FakeClock):
    """Time goes on a little whenever somebody looks: so every turn seems to be a busy one."""

    tick = 0.0

    def monotonic(self) -> float:
        self.advance(self.tick)
        return super().monotonic()


@pytest.mark.parametrize(("tick", "turns"), [(0.002, True), (0.0001, False)])
async def test_between_two_batches_those_who_are_busy_go_first(
    house: House, tick: float, turns: bool
) -> None:
    """To accept is more urgent than to deal with; where nobody waits, nobody is waited for."""
    given, clock = list[int](), Ticking()

    class Noting(Inbox):
        """Whoever waits for the disk is no turn that was given."""

        async def done(self, *items: int) -> None:
            await super().done(*items)
            given[-1] = 0

    inbox = await Noting.open(house.writer)
    world = replace(house.world, clock=clock)

    async def take(alerts: Sequence[Alert]) -> None:
        given.append(0)
        clock.advance(0.1)

    async def others() -> None:
        while True:
            await asyncio.sleep(0)
            if given:
                given[-1] += 1

    room = Receiving(world, inbox, take, {"fake": FakeSource()})
    await received(room, a_body("f1"), a_body("f1"), a_body("f1"))
    clock.tick = tick
    house.tasks.start(others(), name="others")
    house.tasks.start(room.work(), name="work")
    async with asyncio.timeout(180):
        while len(inbox):
            await asyncio.sleep(0.002)

    assert len(given) == 3, "the same alert is never twice in what is taken together"
    assert (min(given[:2]) > 15) is turns


class Slow(FakeSource):
    """A sender who waits for its answer: what it is is asked of somewhere far away."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = asyncio.Event()

    async def greeted(self, posted: Posted) -> str:
        await self.answer.wait()
        return "we are friends now"


class Dealt:
    """Takes alerts; each takes a second of the house's time."""

    def __init__(self, house: House) -> None:
        self.count = 0
        self._house = house

    async def take(self, alerts: Sequence[Alert]) -> None:
        self.count += len(alerts)
        self._house.clock.advance(1)


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "kept waiting"])
async def test_dealing_waits_while_a_sender_does_but_never_for_ever(
    house: House, answered: bool
) -> None:
    inbox, dealt, slow = await Inbox.open(house.writer), Dealt(house), Slow()
    room = Receiving(house.world, inbox, dealt.take, {"fake": FakeSource(), "slow": slow})
    for _ in range(2):  # of one trouble: two are never taken together
        await room.receive("fake", KEY, BODY)
    asked = asyncio.create_task(room.receive("slow", KEY, b"hello"))
    house.tasks.start(room.work(), name="work")
    await house.settle()
    for _ in range(SHARE - 1):
        house.clock.advance(1)
        await house.settle()
    assert dealt.count == 1

    if answered:
        slow.answer.set()
        await asked
    house.clock.advance(PAUSE if answered else 1)
    await house.settle()

    assert dealt.count == 2
    slow.answer.set()
    await asked
