"""What somebody asks for themselves is told to them alone, and nothing of it is secret."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.ports import Answer, Audited, Person
from tests.builders import START, Told
from tests.slack import tales
from tests.slack.house import House


async def told(house: House, words: str, user: str = "olivia", count: int = 1) -> str:
    """Type it; all that they were told since, with its blocks."""
    person = house.workspace.world.person(user)
    known = len(house.workspace.ephemerals)
    await house.workspace.command(user, "alerts", "/heal", words)
    await house.workspace.until(lambda: len(house.workspace.ephemerals) >= known + count)
    notes = house.workspace.ephemerals[known:]
    assert {note.to for note in notes} == {person}
    return "\n".join(str(note.message) for note in notes)


async def test_whoami_tells_groups_roles_rights_and_the_clock(house: House) -> None:
    house.requests.people["U0OLIVIA"] = Person(
        ("oncall",), ("payments",), operates=True, approves=("low",), waiting=("inc-1",)
    )
    said = await told(house, "whoami")

    for part in (
        "<@U0OLIVIA>",
        "`oncall`",
        "payments",
        "of low risk",
        "1 plan for your",
        "Etc/UTC",
    ):
        assert part in said
    assert "let healing go on after a stop" not in said


async def test_whoami_of_somebody_unknown_says_what_is_left_to_them(house: House) -> None:
    house.requests.people["U0SAM"] = Person(doubts="Slack did not answer")
    said = await told(house, "whoami", "sam")

    assert "look at everything, and change nothing" in said
    assert "Slack did not answer" in said


async def test_the_ledger_is_walked_for_who_may_and_the_result_is_plain(house: House) -> None:
    sound = await told(house, "audit verify", count=2)
    house.requests.audited = Audited(sound=False, line="broken at entry 3")
    broken = await told(house, "audit verify", count=2)
    house.requests.audited = None
    busy = await told(house, "audit verify", count=2)
    house.requests.no = Answer(done=False, text="Only @oncall may do that.")
    barred = await told(house, "audit verify", "sam")

    assert "The ledger is sound" in sound
    assert "The ledger is BROKEN" in broken
    assert "broken at entry 3" in broken
    assert "Somebody else has it walked" in busy
    assert "Only @oncall may do that." in barred
    assert len(house.requests.calls) == 3


async def test_settings_are_for_operators_and_name_the_scopes_that_lack(house: House) -> None:
    shown = await told(house, "settings")
    house.requests.no = Answer(done=False, text="Only @oncall may do that.")
    barred = await told(house, "settings", "sam")

    assert "`HEAL_LEDGER` `/var/heal.db`" in shown
    assert "No scope is missing" in shown
    assert "HEAL_LEDGER" not in barred


async def test_a_link_is_for_whoever_asked_and_for_an_incident_that_is_known(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    said = await told(house, "link 7f3k2m")

    assert "https://heal.example.org/incidents/inc-7f3k2m?by=U0OLIVIA" in said
    assert "for you only" in said


async def test_the_transcript_goes_to_who_asked_or_into_the_thread_where_they_did(
    house: House,
) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    await told(house, "transcript 7f3k2m")
    await house.workspace.until(lambda: len(house.workspace.files) == 1)
    (alone,) = house.workspace.files.values()

    assert house.files(card) == {}
    assert "U0OLIVIA" in str(alone.about["name"])

    await house.workspace.post("ana", "alerts", "<@U0HEAL> transcript", thread_ts=card)
    await house.workspace.until(lambda: house.files(card))
    await told(house, "transcript 7f3k2m")
    await house.idle()

    assert len(house.workspace.files) == 2


async def test_a_retry_asks_the_engine_once(house: House) -> None:
    house.cases.tell(*tales.rejected())
    await told(house, "retry 7f3k2m")

    assert house.requests.calls == [("retry", ("inc-7f3k2m", "U0OLIVIA"))]


async def test_who_snoozed_is_reminded_once_when_it_is_time_and_it_is_open_still(
    house: House,
) -> None:
    now = START + timedelta(minutes=5)
    later = Told(facts.Snoozed(by="U0ANA", until=now + timedelta(hours=2)), "U0ANA")
    house.cases.tell(*tales.awaiting(), later)
    await house.reception.snoozing.tell()

    assert await house.outbox.where("inc-7f3k2m/snooze/4/U0ANA") is None

    over = Told(facts.Snoozed(by="U0ANA", until=now - timedelta(minutes=1)), "U0ANA")
    house.cases.tell(*tales.awaiting(), over)
    await house.reception.snoozing.tell()
    await house.reception.snoozing.tell()
    await house.idle()
    said = [one for one in house.workspace.messages("D0ANA") if "Open still" in one["text"]]

    assert len(said) == 1


async def test_a_snooze_is_asked_for_with_how_long(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await told(house, "snooze 7f3k2m 45m")

    wanted = ("inc-7f3k2m", "U0OLIVIA", timedelta(minutes=45))
    assert house.requests.calls == [("snooze", wanted)]
