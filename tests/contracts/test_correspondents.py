"""What every system that is kept in step with incidents owes, and the fake as well."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot import ports
from bot.core import updates
from bot.core.errors import ActionError, TemporaryError, UncertainError
from bot.core.updates import Kind, Update
from tests import builders
from tests.desks import fake, servicenow, stands
from tests.desks.faults import Fault, Open, Stand
from tests.slack.cards import stories

DESKS: dict[str, Open] = {
    "fake": fake.opened,
    "servicenow": servicenow.opened,
    "jira": stands.jira,
    "github": stands.github,
    "gitlab": stands.gitlab,
    "pagerduty": stands.pagerduty,
    "jsm": stands.jsm,
    "irm": stands.irm,
    "hook": stands.hook,
}
"""By name of the plug-in; add yours here."""
MARK = re.compile(rf"{builders.INCIDENT}\.\d+\b")
EVIL = "<script>alert(1)</script> {code} [x](javascript:1) &amp; *b* \u202e ${7*7} <!channel>"


@pytest.fixture(params=DESKS)
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    async with DESKS[request.param]() as made:
        yield made


def of(story: str) -> list[Update]:
    """Every update of an incident as the golden cards know it."""
    return list(updates.of(stories.incident(story), "https://heal.example/incidents/inc-7f3k2m"))


def marks(stand: Stand) -> list[str]:
    """Which updates stand at the record, in their order there."""
    return [
        found for note in stand.desk.notes(stand.reference) for found in MARK.findall(note)[-1:]
    ]


async def insist(stand: Stand, update: Update) -> list[Exception]:
    """Tell it as the engine does: again and again, uncertain after the first try."""
    failed: list[Exception] = []
    while True:
        try:
            told = await stand.correspondent.tell(update, stand.reference, uncertain=bool(failed))
        except ActionError as error:
            failed.append(error)
            assert len(failed) < 5
        else:
            assert told == stand.reference
            return failed


async def test_it_is_a_correspondent_and_well(stand: Stand) -> None:
    assert isinstance(stand.correspondent, ports.Correspondent)
    assert stand.correspondent.wanted
    assert await stand.correspondent.why_not() == ""


@pytest.mark.parametrize("story", ["resolved", "rolled_back", "not_fixed"])
async def test_every_update_arrives_once_and_in_order(stand: Stand, story: str) -> None:
    told = of(story)
    for update in told:
        await insist(stand, update)

    assert marks(stand) == [update.mark for update in told]


@pytest.mark.parametrize("fault", Fault)
async def test_whatever_happens_to_a_request_the_update_arrives_once(
    stand: Stand, fault: Fault
) -> None:
    told = of("resolved")
    for update in told:
        stand.desk.fail(fault)
        failed = await insist(stand, update)
        assert len(failed) == 1
        assert isinstance(failed[0], TemporaryError | UncertainError)

    assert marks(stand) == [update.mark for update in told]


async def test_who_is_asked_too_often_says_how_long_it_wants_rest(stand: Stand) -> None:
    stand.desk.fail(Fault.TOO_FAST)
    with pytest.raises(TemporaryError) as refused:
        await stand.correspondent.tell(of("resolved")[0], stand.reference, uncertain=False)

    assert refused.value.retry_after == 7


async def test_said_twice_because_nobody_knows_it_stands_there_once(stand: Stand) -> None:
    told = of("resolved")
    for update in told:
        await insist(stand, update)
        again = await stand.correspondent.tell(update, stand.reference, uncertain=True)
        assert again == stand.reference

    assert marks(stand) == [update.mark for update in told]


async def test_it_is_resolved_by_the_proof_and_not_before(stand: Stand) -> None:
    told = of("resolved")
    [at] = [place for place, update in enumerate(told) if update.resolves]
    for update in told[:at]:
        await insist(stand, update)
        assert not stand.desk.resolved(stand.reference)
    await insist(stand, told[at])

    assert told[at].kind is Kind.HEALED
    assert stand.desk.resolved(stand.reference)


async def test_what_was_not_fixed_is_not_resolved_in_the_end(stand: Stand) -> None:
    for update in [*of("resolved"), *of("not_fixed")[-1:]]:
        await insist(stand, update)

    assert not stand.desk.resolved(stand.reference)


@pytest.mark.parametrize("fault", Fault)
async def test_a_record_is_opened_once_whatever_happens(stand: Stand, fault: Fault) -> None:
    first, *_ = of("resolved")
    stand.desk.fail(fault)
    with pytest.raises((TemporaryError, UncertainError)):
        await stand.opener.tell(first, "", uncertain=False)
    opened = await stand.opener.tell(first, "", uncertain=True)

    assert stand.desk.records() == [stand.reference, opened]
    assert len([one for one in stand.desk.notes(opened) if first.mark in one]) == 1


async def test_whom_it_opens_a_record_for_has_none_yet(stand: Stand) -> None:
    assert stand.opener.concerns(stories.incident("resolved")) == ""


async def test_a_password_that_is_refused_is_mended_by_people_and_tried_again(
    stand: Stand,
) -> None:
    stand.desk.lock()
    with pytest.raises(TemporaryError):
        await stand.correspondent.tell(of("resolved")[0], stand.reference, uncertain=False)

    assert await stand.correspondent.why_not() != ""
    assert marks(stand) == []


async def test_what_strangers_wrote_reaches_people_as_text(stand: Stand) -> None:
    opening = builders.an_opening(title=f"shop {EVIL}", alert=builders.an_alert(name=EVIL))
    [update] = updates.of(builders.an_incident(opening))
    await insist(stand, update)
    [note] = stand.desk.notes(stand.reference)

    assert "<script>" in note
    assert "\u202e" not in note


async def test_a_secret_in_an_update_is_black(stand: Stand) -> None:
    opening = builders.an_opening(title="login with password=hunter22planted fails")
    [update] = updates.of(builders.an_incident(opening))
    await insist(stand, update)

    assert "hunter22" not in "".join(stand.desk.notes(stand.reference))


async def test_what_an_incident_of_nobody_is_about_is_none_of_its_business(stand: Stand) -> None:
    stranger = builders.an_incident(
        builders.an_opening(service="elsewhere", alert=builders.an_alert(labels={}))
    )

    assert stand.correspondent.concerns(stranger) is None
