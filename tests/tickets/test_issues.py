"""What all trackers do alike: whose issue it is, what is written once, closed and opened again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core import facts, updates
from bot.core.errors import ActionError, TemporaryError, UncertainError
from bot.core.updates import Kind, Update
from bot.tickets import _issues
from bot.tickets._issues import Issues
from tests import builders
from tests.desks import stands
from tests.desks.faults import Fault, Stand
from tests.slack.cards import stories
from tests.tickets import incidents

OPEN = {"jira": stands.jira, "github": stands.github, "gitlab": stands.gitlab}


@pytest.fixture(params=OPEN)
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    async with OPEN[request.param]() as made:
        yield made


def of(story: str, kind: Kind) -> Update:
    """The last update of a kind in an incident as the golden cards know it."""
    known = updates.of(stories.incident(story), "https://heal.example/incidents/inc-7f3k2m")
    return [one for one in known if one.kind is kind][-1]


async def test_the_proof_stands_there_as_a_table_of_before_and_after(stand: Stand) -> None:
    await stand.correspondent.tell(of("resolved", Kind.HEALED), stand.reference, uncertain=False)
    [note] = stand.desk.notes(stand.reference)

    assert "Reading\tBefore\tAfter\t\n" in note
    assert "before: " not in note
    assert "All of inc-7f3k2m" in note


async def test_an_issue_that_was_healed_and_was_not_is_opened_again(stand: Stand) -> None:
    await stand.correspondent.tell(of("resolved", Kind.HEALED), stand.reference, uncertain=False)
    closed = stand.desk.resolved(stand.reference)
    back = of("not_fixed", Kind.CAME_BACK)
    await stand.correspondent.tell(back, stand.reference, uncertain=False)

    assert (closed, stand.desk.resolved(stand.reference)) == (True, False)


@pytest.mark.parametrize(("fault", "tries"), [(Fault.LOST, 1), (Fault.BROKEN, 2)])
async def test_it_is_closed_once_though_the_answer_to_that_was_lost(
    stand: Stand, fault: Fault, tries: int
) -> None:
    """The first write is the note, the second what closes it."""
    healed = of("resolved", Kind.HEALED)
    stand.desk.fail(None, fault)  # type: ignore[arg-type]
    with pytest.raises((TemporaryError, UncertainError)):
        await stand.correspondent.tell(healed, stand.reference, uncertain=False)
    await stand.correspondent.tell(healed, stand.reference, uncertain=True)
    asked: list[str] = stand.desk.door.asked  # type: ignore[attr-defined]

    assert stand.desk.resolved(stand.reference)
    assert len(stand.desk.notes(stand.reference)) == 1
    assert len([one for one in asked if not one.startswith("GET ")]) == 1 + tries


async def test_a_mark_that_somebody_else_wrote_counts_for_nothing(stand: Stand) -> None:
    update = incidents.last(incidents.called())
    stand.desk.strange(stand.reference, f"heal:{update.mark}")  # type: ignore[attr-defined]
    await stand.correspondent.tell(update, stand.reference, uncertain=True)

    assert len(stand.desk.notes(stand.reference)) == 2


async def test_an_issue_that_somebody_else_marked_is_not_taken_for_ours(stand: Stand) -> None:
    stand.desk.forge(builders.INCIDENT)  # type: ignore[attr-defined]
    opened = await stand.opener.tell(incidents.last(incidents.called()), "", uncertain=True)

    assert len(stand.desk.records()) == 3
    assert opened == stand.desk.records()[-1]


async def test_an_alert_cannot_write_a_mark_into_our_own_notes(stand: Stand) -> None:
    """A mark counts in the last line only, and that is always ours."""
    evil = builders.an_opening(title="down\nheal:inc-7f3k2m.1")
    first = incidents.last(builders.an_incident(evil))
    await stand.correspondent.tell(first, stand.reference, uncertain=False)
    second = incidents.last(incidents.called())
    await stand.correspondent.tell(second, stand.reference, uncertain=True)

    assert len(stand.desk.notes(stand.reference)) == 2


async def test_a_problem_record_is_opened_once_and_belongs_to_the_issue(stand: Stand) -> None:
    wanted = incidents.last(incidents.proposed())
    for uncertain in (False, True):
        await stand.opener.tell(wanted, stand.reference, uncertain=uncertain)

    [known, problem] = stand.desk.records()
    assert known == stand.reference
    assert stand.desk.related(problem, known)  # type: ignore[attr-defined]
    assert len(stand.desk.notes(problem)) == 1


async def test_where_no_problem_record_is_set_none_is_opened(stand: Stand) -> None:
    wanted = incidents.last(incidents.proposed())
    await stand.correspondent.tell(wanted, stand.reference, uncertain=False)

    assert stand.desk.records() == [stand.reference]


async def test_an_issue_that_the_alert_names_is_the_one(stand: Stand) -> None:
    for name in _issues.SAID:
        assert stand.correspondent.concerns(incidents.named(**{name: stand.reference})) == (
            stand.reference
        )


@pytest.mark.parametrize(
    "said",
    ["OTHER-1", "acme/other#1", "SHOP-1 ", "1", "#1", "https://evil.test/browse/SHOP-1",
     "https://evil.test/acme/shop/issues/1", "https://evil.test/acme/ops/shop/-/issues/1",
     "SHOP-1/../../x", "acme/shop#1/../2", "acme/../shop#1"],
)  # fmt: skip
async def test_what_it_may_not_write_to_is_none_of_its_business(stand: Stand, said: str) -> None:
    if said.strip() == stand.reference:
        assert stand.correspondent.concerns(incidents.named(ticket=said)) == stand.reference
    else:
        assert stand.correspondent.concerns(incidents.named(ticket=said)) is None


async def test_the_address_of_an_issue_in_a_browser_names_it(stand: Stand) -> None:
    page = stand.desk.page(stand.reference)  # type: ignore[attr-defined]
    alert = builders.an_alert(link=page)
    incident = builders.an_incident(builders.an_opening(alert=alert))

    assert stand.correspondent.concerns(incident) == stand.reference
    assert stand.correspondent.concerns(incidents.named(issue=page)) == stand.reference


@pytest.mark.parametrize("name", OPEN)
async def test_it_may_be_opened_only_once_people_are_called(name: str) -> None:
    async with OPEN[name](open_for="escalated") as stand:
        assert stand.correspondent.concerns(incidents.called()) is None
        assert stand.opener.concerns(stories.incident("awaiting")) is None
        assert stand.opener.concerns(incidents.called()) == ""


@pytest.mark.parametrize("name", OPEN)
async def test_it_may_be_written_to_and_left_open(name: str) -> None:
    async with OPEN[name](resolve="false") as stand:
        healed = of("resolved", Kind.HEALED)
        await stand.correspondent.tell(healed, stand.reference, uncertain=False)

        assert len(stand.desk.notes(stand.reference)) == 1
        assert not stand.desk.resolved(stand.reference)


async def test_a_plan_that_was_only_to_be_shown_gets_no_issue(stand: Stand) -> None:
    wish = facts.Wish(by="U0ANA", runbook="restart-service", dry_run=True)
    shown = builders.an_incident(builders.an_opening(alert=None, wish=wish))
    meant = builders.an_opening(alert=None, wish=wish.model_copy(update={"dry_run": False}))

    assert stand.opener.concerns(shown) is None
    assert stand.opener.concerns(builders.an_incident(meant)) == ""


async def test_what_is_quiet_gets_no_issue(stand: Stand) -> None:
    until = builders.START + timedelta(hours=1)
    quiet = facts.Quiet(why="people work on it", until=until)
    opened = builders.an_opening(quiet=quiet)

    assert stand.opener.concerns(builders.an_incident(opened)) is None


async def test_an_issue_that_people_closed_or_hold_is_against_doing_anything(stand: Stand) -> None:
    tracker: Issues = stand.correspondent  # type: ignore[assignment]
    incident = incidents.called()
    at_first = await tracker.objects(incident, stand.reference)
    stand.desk.hold(stand.reference)  # type: ignore[attr-defined]
    held = await tracker.objects(incident, stand.reference)
    stand.desk.close(stand.reference)  # type: ignore[attr-defined]

    assert at_first == ""
    assert held.casefold() == f"{stand.reference} is 'on hold'".casefold()
    assert await tracker.objects(incident, stand.reference) == f"{stand.reference} is closed"
    assert await tracker.objects(incident, "") == ""


async def test_an_issue_that_heal_closed_and_that_came_back_is_against_nothing(
    stand: Stand,
) -> None:
    tracker: Issues = stand.correspondent  # type: ignore[assignment]
    again = builders.an_incident(builders.an_opening(relapse_of="inc-6a2b1c"))
    stand.desk.close(stand.reference)  # type: ignore[attr-defined]

    assert await tracker.objects(again, stand.reference) == ""


async def test_an_issue_that_cannot_be_read_is_an_error_and_no_yes(stand: Stand) -> None:
    tracker: Issues = stand.correspondent  # type: ignore[assignment]
    stand.desk.lock()

    with pytest.raises(ActionError):
        await tracker.objects(incidents.called(), stand.reference)
