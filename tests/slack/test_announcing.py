"""What stands in Slack follows the ledger, over restarts too."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.core import episode, facts
from bot.core.approval import Ending
from bot.core.errors import StoreUnavailable
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.lifecycle import Event
from bot.rehearsal.workspace import Workspace
from bot.slack.announcing import Announcer
from bot.slack.attaching import Attaching
from bot.slack.cards import digest
from bot.slack.digesting import Digests
from tests import builders
from tests.fakes import FakeClock
from tests.slack import house as houses
from tests.slack import tales
from tests.slack.engine import Cases, Ledger
from tests.slack.house import House

CLEARED = facts.Closed(event=Event.ALERT_CLEARED, says="cleared by itself")


def shown(workspace: Workspace) -> str:
    """The header of the only card."""
    (card,) = [m for m in workspace.messages("alerts") if m["user"] == "U0HEAL"]
    return str(card["blocks"][0]["text"]["text"])


async def test_one_card_follows_its_incident(house: House) -> None:
    for tale in (tales.looking, tales.awaiting, tales.healed):
        house.cases.tell(*tale())
        await house.card()
    await house.idle()

    assert "Healed" in shown(house.workspace)


async def test_notes_and_progress_are_in_the_cards_thread(house: House) -> None:
    house.cases.tell(*tales.healed())
    card = await house.card()
    await house.idle()

    assert len(house.workspace.thread("alerts", card)) >= 3


async def test_the_transcript_is_attached_once(house: House) -> None:
    house.cases.tell(*tales.resolved())
    await house.card()
    await house.idle()
    house.cases.tell(*tales.not_fixed())
    await house.idle()
    (file,) = house.workspace.files.values()

    assert (file.about["name"], file.shared) == ("inc-7f3k2m.md", True)


async def test_who_takes_over_a_full_disk_finds_what_fills_it_in_the_threads_file(
    house: House,
) -> None:
    tree = "6.9 GB /var/\n6.8 GB /var/lib/db/<table>"
    report = facts.Reading(name="report", probe="host.disk_report", seen={"tree": tree})
    opening, chosen, _ = tales.looking()
    closed = facts.Closed(event=Event.NO_PLAN, says="a person takes over")
    called = facts.Escalated(to="oncall", why="the disk is still full")
    house.cases.tell(opening, chosen, facts.Diagnosed(readings=(report,)), called, closed)
    card = await house.card()
    await house.idle()
    (file,) = house.workspace.files.values()

    assert any("has to take over" in str(m) for m in house.workspace.thread("alerts", card))
    assert file.shared
    assert file.content is not None
    assert "\n      6.9 GB /var/\n      6.8 GB /var/lib/db/<table>\n" in file.content.decode()


async def test_nobody_is_called_to_a_question_that_was_over_before_slack_was_back(
    house: House,
) -> None:
    workspace = house.workspace
    await workspace.go_away("error")
    house.cases.tell(*tales.awaiting())
    await told(house, "inc-7f3k2m/note/ask-1")
    house.cases.tell(*tales.expired())
    await told(house, "inc-7f3k2m/note/escalated")
    await workspace.come_back()
    card = await house.card()
    await house.idle()

    assert "Expired" in shown(workspace)
    assert not [one for one in workspace.thread("alerts", card) if "needed" in str(one["text"])]


async def told(house: House, slot: str) -> None:
    """Wait until this is wanted."""
    sql = "select count(*) from outbox where slot = ?"
    while not await house.outbox._writer.do(lambda db: db.execute(sql, [slot]).fetchone()[0]):
        await asyncio.sleep(0.01)


async def test_an_incident_that_was_asked_for_in_a_thread_lives_there(house: House) -> None:
    root = await house.workspace.post("olivia", "incidents", "the shop is slow")
    opened = builders.an_opening(channel="C0INCIDENTS", thread=root["ts"])
    house.cases.tell(opened, *tales.resolved()[1:])
    await house.card()
    await house.idle()
    channel = house.workspace.messages("incidents")

    assert (
        len(channel), len(house.workspace.thread("incidents", root["ts"])) > 3,
    ) == (1, True)  # fmt: skip


async def test_an_incident_without_a_channel_is_told_in_the_default_one(house: House) -> None:
    house.cases.tell(builders.an_opening(channel=""))
    await house.card()

    assert house.workspace.called("chat.postMessage")[0].args["channel"] == "C0ALERTS"


async def test_a_restart_makes_the_cards_true_and_repeats_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    cases = Cases()
    async with houses.opened(workspace, tmp_path, cases=cases) as house:
        cases.tell(*tales.awaiting())
        await house.card()
        await house.idle()
    posts = len(workspace.called("chat.postMessage"))
    cases.tell(*tales.awaiting())
    other = cases.tell(*tales.rejected(), name="inc-9x8y7z")
    async with houses.opened(workspace, tmp_path, cases=cases) as house:
        house.announcer.renew([*cases.open(), other])
        await house.card("inc-9x8y7z")
        await house.idle()
        repeated = [
            call for call in workspace.called("chat.postMessage")[posts:]
            if "7f3k2m" in call.args["metadata"]
        ]  # fmt: skip

    assert repeated == []


async def test_an_outbox_that_cannot_be_written_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    want = house.outbox.want
    tries: list[str] = []

    async def sometimes(slot: str, *rest: object) -> bool:
        tries.append(slot)
        if len(tries) == 1:
            raise StoreUnavailable("the disk is full")
        return await want(slot, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(house.outbox, "want", sometimes)
    house.cases.tell(builders.an_opening())
    await house.card()

    assert tries == ["inc-7f3k2m/card", "inc-7f3k2m/card"]


async def test_closing_says_what_is_known(workspace: Workspace, tmp_path: Path) -> None:
    async with houses.opened(workspace, tmp_path) as house:
        house.cases.tell(*tales.awaiting())
    async with houses.opened(workspace, tmp_path) as house:
        await house.card()

    assert "Approval Required" in shown(workspace)


class Wanted:
    """An outbox that only counts: how often each message was rendered."""

    def __init__(self) -> None:
        self.slots: Counter[str] = Counter()
        self.payload = ""

    async def want(self, slot: str, *said: object) -> bool:
        self.slots[slot] += 1
        self.payload = str(said[4]) if slot.endswith("/card") else self.payload
        return False

    async def withdraw(self, slots: Sequence[str]) -> bool:
        return False

    async def where(self, slot: str) -> None:
        return None


async def flood(announcer: Announcer, outbox: Wanted) -> None:
    """Thirty alerts join an incident whose card stands, one after the other."""
    cases = Cases()
    cases.subscribe(announcer.told)
    announcer.start()
    story: list[facts.Fact] = [builders.an_opening()]
    cases.tell(*story)
    while not outbox.slots:
        await asyncio.sleep(0.005)
    for number in range(30):
        await asyncio.sleep(0)
        story.append(facts.Joined(alert=builders.an_alert(fingerprint=f"more-{number}")))
        cases.tell(*story)


def attaching(outbox: Wanted, clock: FakeClock) -> Attaching:
    return Attaching(outbox, Ledger(), clock, "C0ALERTS", lambda: None)


def announcing(outbox: Wanted, clock: FakeClock) -> Announcer:
    quiet = Digests(Cases().get, outbox, clock, channel="C0ALERTS", wake=lambda: None, home="")
    files = attaching(outbox, clock)
    return Announcer(outbox, files, clock, quiet, channel="C0ALERTS", wake=lambda: None)


async def test_thirty_alerts_that_join_are_one_more_rendering() -> None:
    outbox, clock = Wanted(), FakeClock()
    announcer = announcing(outbox, clock)
    await flood(announcer, outbox)
    async with asyncio.timeout(180):
        while "31 alerts" not in outbox.payload:
            clock.advance(0.5)
            await asyncio.sleep(0.005)
    await announcer.close()

    assert outbox.slots["inc-7f3k2m/card"] == 2


async def test_what_only_grew_is_said_before_the_end() -> None:
    outbox, clock = Wanted(), FakeClock()
    announcer = announcing(outbox, clock)
    await flood(announcer, outbox)
    await announcer.close()

    assert "31 alerts" in outbox.payload


async def test_what_waits_for_people_is_told_before_all_that_waited_longer() -> None:
    outbox, clock, cases = Wanted(), FakeClock(), Cases()
    announcer = announcing(outbox, clock)
    cases.subscribe(announcer.told)
    for number in range(5):
        cases.tell(builders.an_opening(), name=f"inc-{number}")
    asked = tales.awaiting()
    for end in range(1, len(asked) + 1):
        cases.tell(*asked[:end], name="inc-asks")
    announcer.start()
    await announcer.close()

    told = [slot for slot in outbox.slots if slot.endswith("/card")]
    assert told == ["inc-asks/card", *(f"inc-{number}/card" for number in range(5))]


def storm(house: House, count: int, *tale: Fact) -> None:
    """So many incidents at once, as far as this tale goes."""
    for number in range(count):
        happens(house, f"inc-{number}", *tale)


def happens(house: House, name: str, *tale: Fact) -> None:
    for end in range(1, len(tale) + 1):
        house.cases.tell(*tale[:end], name=name)


def cards(workspace: Workspace) -> list[str]:
    """The headers of all cards in #alerts, oldest first."""
    return [str(m["blocks"][0]["text"]["text"]) for m in workspace.messages("alerts")]


async def test_in_a_storm_one_digest_tells_of_those_that_need_nobody(house: House) -> None:
    storm(house, 20, *tales.looking())
    await house.workspace.until(lambda: "20 incidents" in "".join(cards(house.workspace)))
    await house.idle()
    shown = cards(house.workspace)

    assert len([one for one in shown if "Storm" in one]) == 1
    assert len(shown) == 6, "the five before the storm, and its digest"
    assert house.workspace.called("chat.postMessage")[-1].error is None


async def test_in_a_storm_what_needs_somebody_gets_its_own_message_and_a_link_to_it(
    house: House,
) -> None:
    storm(house, 20, *tales.looking())
    house.cases.tell(*tales.awaiting(), name="inc-19")
    card = await house.card("inc-19")
    link = f"{house.workspace.url}/archives/C0ALERTS/p{card.replace('.', '')}|inc-19"
    await house.workspace.until(lambda: link in str(house.workspace.messages("alerts")))
    await house.idle()
    thread = house.workspace.thread("alerts", card)

    assert "approve_recovery" in str(thread[0]["blocks"])
    assert [one["text"][:4] for one in thread[1:]] == ["🔔 Ap"], "no evidence in a storm"


def handed(to: str) -> tuple[Fact, ...]:
    """An incident for which there is no runbook: these people are called, and that is all."""
    escalated = facts.Escalated(to=to, why="no runbook fits", calls=(to,))
    return (*tales.looking(), escalated, facts.Closed(event=Event.NO_PLAN, says="no runbook fits"))


async def test_in_a_storm_the_same_people_are_not_called_by_a_hundred_messages(
    house: House,
) -> None:
    storm(house, 100, *handed("S0ONCALL"))
    happens(house, "inc-payments", *handed("S0PAYMENTS"))
    happens(house, "inc-asks", *tales.awaiting())
    await house.workspace.until(lambda: "101 handed to people" in str(
        house.workspace.messages("alerts")))  # fmt: skip
    await house.card("inc-payments")
    await house.card("inc-asks")
    await house.idle()
    shown = cards(house.workspace)

    assert len([one for one in shown if "Escalated" in one]) <= 5 + digest.CALLS + 1
    assert len([one for one in shown if "torm" in one]) == 1
    assert len(shown) <= 5 + digest.CALLS + 3, "before it, the calls, the digest, the other two"


async def test_what_ran_in_a_storm_is_told_by_itself_however_many_were_called(
    house: House,
) -> None:
    storm(house, 30, *handed("S0ONCALL"))
    happens(house, "inc-ran", *tales.healed())
    card = await house.card("inc-ran")

    assert card


async def test_the_digest_says_that_nothing_runs_by_itself_while_that_is_so(house: House) -> None:
    house.requests.stormy = "30 of 40 services are in trouble"
    storm(house, 20, *tales.looking())
    line = "*This is a storm*: 30 of 40 services are in trouble. Nothing runs by itself"
    await house.workspace.until(lambda: line in str(house.workspace.messages("alerts")))
    house.requests.stormy = ""
    await house.workspace.until(lambda: line not in str(house.workspace.messages("alerts")))


async def test_a_stop_of_a_hundred_open_cards_is_one_edit_of_each(house: House) -> None:
    storm(house, 100, *tales.awaiting())
    await house.workspace.until(lambda: str(cards(house.workspace)).count("Required") == 100)
    await house.idle()
    before = len(house.workspace.called("chat.update"))
    stop = facts.Halted(by="U0ANA", why="the database moves")
    ended = facts.Decided(at=builders.START, ending=Ending.STOPPED, by=("U0ANA",), why=stop.why)
    closed = facts.Closed(event=Event.CANCELLED, says="Heal was stopped: nothing was executed")
    asked = tales.awaiting()
    for tale in ((*asked, stop), (*asked, stop, ended), (*asked, stop, ended, closed)):
        for number in range(100):
            house.cases.tell(*tale, name=f"inc-{number}")
    await house.workspace.until(lambda: str(cards(house.workspace)).count("Cancelled") == 100)
    await house.idle()
    shown = [str(m["blocks"]) for m in house.workspace.messages("alerts")]
    edits = house.workspace.called("chat.update")[before:]
    edited = [one.args["ts"] for one in edits]

    assert sum("All healing was halted by <@U0ANA>" in one for one in shown) == 100
    assert "approve_recovery" not in str(shown)
    digest = {m["ts"] for m in house.workspace.messages("alerts") if "torm" in m["text"]}
    assert len([ts for ts in edited if ts not in digest]) == 100


async def test_when_the_storm_is_over_its_digest_says_so_and_the_counts_add_up(
    house: House,
) -> None:
    storm(house, 20, *tales.looking())
    for number in range(20):
        story = (*tales.looking(), CLEARED) if number < 15 else tales.rejected()
        house.cases.tell(*story, name=f"inc-{number}")
    await house.workspace.until(lambda: "is over" in "".join(cards(house.workspace)))
    await house.idle()
    (digest,) = [m for m in house.workspace.messages("alerts") if "storm" in m["text"]]

    assert "Withdrawn *15* · 🚫 Rejected *5*" in str(digest["blocks"])
    assert len(cards(house.workspace)) == 11, "five before it, five rejected, one digest"


async def test_after_a_restart_the_same_digest_goes_on_and_no_hidden_one_is_shown(
    workspace: Workspace, tmp_path: Path
) -> None:
    cases = Cases()
    async with houses.opened(workspace, tmp_path, cases=cases) as house:
        storm(house, 20, *tales.looking())
        await workspace.until(lambda: "20 incidents" in "".join(cards(workspace)))
        await house.idle()
    known = cases.open()
    async with houses.opened(workspace, tmp_path, cases=cases) as house:
        house.digests.load(map(episode.of, known))
        house.announcer.renew(known)
        house.cases.tell(*tales.looking(), CLEARED, name="inc-12")
        await workspace.until(lambda: "Withdrawn *1*" in str(workspace.messages("alerts")))
        await house.idle()

    assert len(cards(workspace)) == 6


async def test_a_storm_is_told_of_as_soon_as_it_begins_whatever_was_told_before() -> None:
    outbox, cases = Wanted(), Cases()
    digests = Digests(
        cases.get, outbox, houses.Then(), channel="C0ALERTS", wake=lambda: None, seldom=3600
    )
    announcer = Announcer(
        outbox,
        attaching(outbox, FakeClock()),
        houses.Then(),
        digests,
        channel="C0ALERTS",
        wake=lambda: None,
    )
    cases.subscribe(announcer.told)
    digests.load([])
    announcer.start()
    await asyncio.sleep(0.01)
    for channel in ("C0ALERTS", "C0OTHER"):
        for number in range(6):
            opened = builders.an_opening(channel=channel)
            cases.tell(opened, name=f"inc-{channel[2:].lower()}{number}")
        async with asyncio.timeout(180):
            while not any(slot.startswith(f"storm/{channel}") for slot in outbox.slots):
                await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)

    assert max(outbox.slots.values()) == 1, "the first is not told again because of the second"
    await announcer.close()


async def test_what_an_earlier_life_saw_of_a_storm_is_folded_once_not_each_time() -> None:
    cases, outbox, folded = Cases(), Wanted(), list[str]()

    def get(name: str) -> Incident | None:
        folded.append(name)
        return cases.get(name)

    past = [cases.tell(*tales.looking(), CLEARED, name=f"inc-{number}") for number in range(20)]
    digests = Digests(get, outbox, FakeClock(), channel="C0ALERTS", wake=lambda: None)
    digests.load(map(episode.of, past))
    loaded = list(folded)
    for _ in range(3):
        await digests.tell()

    assert (loaded, sorted(folded)) == ([], sorted(one.id for one in past))
    assert outbox.slots.total() == 3


async def test_a_digest_is_not_edited_for_each_alert(house: House) -> None:
    storm(house, 20, *tales.looking())
    await house.workspace.until(lambda: "20 incidents" in "".join(cards(house.workspace)))
    for number in range(300):
        alert = builders.an_alert(fingerprint=f"g{number}")
        house.cases.tell(*tales.looking(), facts.Joined(alert=alert), name="inc-12")
    await asyncio.sleep(0.12)

    assert len(house.workspace.called("chat.update")) < 10


async def test_nobody_is_told_of_what_is_quiet_until_it_is_not(house: House) -> None:
    opening, *rest = tales.looking()
    assert isinstance(opening, facts.Opened)
    why = "people work on shop themselves (patch night, until 2026-03-14 04:00:00 UTC)"
    quiet = facts.Quiet(until=builders.START, why=why, maintenance=True)
    house.cases.tell(opening.model_copy(update={"quiet": quiet}))
    await house.idle()
    before = [m for m in house.workspace.messages("alerts") if m["user"] == "U0HEAL"]
    house.cases.tell(opening.model_copy(update={"quiet": quiet}), facts.Quieted(why=why), *rest)
    await house.card()
    await house.idle()
    (card,) = [m for m in house.workspace.messages("alerts") if m["user"] == "U0HEAL"]

    assert before == []
    assert "people work on shop themselves" in str(card["blocks"])


async def test_what_was_over_before_anybody_was_told_is_never_shown(house: House) -> None:
    opening, *_ = tales.looking()
    assert isinstance(opening, facts.Opened)
    quiet = facts.Quiet(until=builders.START, why="it must last")
    house.cases.tell(opening.model_copy(update={"quiet": quiet}), CLEARED)
    await house.idle()

    assert [m for m in house.workspace.messages("alerts") if m["user"] == "U0HEAL"] == []
    assert house.workspace.files == {}
