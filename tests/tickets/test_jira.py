"""Jira: documents, transitions, attachments, and refusals that say what to set."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.core import updates
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError, UncertainError
from bot.core.updates import Kind, Update
from bot.tickets.jira import JiraTickets
from tests.desks import jiras, stands
from tests.desks.faults import Fault
from tests.desks.jiras import JiraDouble
from tests.slack.cards import stories
from tests.tickets import incidents


@pytest.fixture
async def double() -> AsyncIterator[JiraDouble]:
    async with jiras.opened() as one:
        one.put("SHOP-1")
        yield one


async def tell(double: JiraDouble, update: Update, *, uncertain: bool = False, **more: str) -> str:
    async with stands.a_rig() as rig:
        tracker: JiraTickets = stands.made("jira", stands.of_jira(double, **more), rig)
        return await tracker.tell(update, "SHOP-1", uncertain=uncertain)


async def why_not(double: JiraDouble, **more: str) -> str:
    async with stands.a_rig() as rig:
        told: str = await stands.made("jira", stands.of_jira(double, **more), rig).why_not()
        return told


def healed() -> Update:
    known = updates.of(stories.incident("resolved"))
    return next(one for one in known if one.kind is Kind.HEALED)


def came_back() -> Update:
    known = updates.of(stories.incident("not_fixed"))
    return next(one for one in known if one.kind is Kind.CAME_BACK)


async def test_what_takes_the_room_on_a_disk_is_attached_once(double: JiraDouble) -> None:
    update = incidents.with_a_report()
    double.fail(None, Fault.LOST)
    with pytest.raises(UncertainError):
        await tell(double, update)
    await tell(double, update, uncertain=True)
    [(name, media, octets)] = double.issues["SHOP-1"]["attachments"]

    assert (name, media) == ("run-7f3k2m-report-tree-before.txt", "text/plain; charset=utf-8")
    assert octets.decode() == incidents.TREE


async def test_what_is_opened_has_the_words_and_labels_to_be_found_by(double: JiraDouble) -> None:
    async with stands.a_rig() as rig:
        settings = stands.of_jira(double, open_in="SHOP", type="Incident", open_for="critical")
        tracker: JiraTickets = stands.made("jira", settings, rig)
        opened = await tracker.tell(incidents.last(incidents.called()), "", uncertain=False)

    issue = double.issues[opened]
    assert (issue["summary"], issue["type"]) == ("shop answers 502 on web-1", "Incident")
    assert issue["labels"] == ["opened-by-heal", "heal-inc-7f3k2m"]


async def test_a_transition_that_is_not_there_is_named_with_those_that_are(
    double: JiraDouble,
) -> None:
    there = "'Start work', 'Resolve this issue': set HEAL_JIRA_RESOLVE_BY"
    with pytest.raises(PermanentError, match=f"no transition 'Ship it' .*{there}"):
        await tell(double, healed(), resolve_by="Ship it")

    assert double.issues["SHOP-1"]["status"] == "To Do"


@pytest.mark.parametrize("way", ["resolve this issue", "Done"])
async def test_a_transition_goes_by_its_name_or_where_it_leads(
    double: JiraDouble, way: str
) -> None:
    await tell(double, healed(), resolve_by=way, resolution="Fixed")

    assert double.issues["SHOP-1"]["status"] == "Done"
    assert double.fields == {"resolution": {"name": "Fixed"}}


async def test_of_two_ways_none_is_guessed(double: JiraDouble) -> None:
    double.workflow["Done"] = (("41", "Reopen", "To Do"), ("42", "Go on", "In Progress"))
    double.issues["SHOP-1"]["status"] = "Done"
    with pytest.raises(PermanentError, match=r"several .*'Go on': set HEAL_JIRA_REOPEN_BY"):
        await tell(double, came_back())
    await tell(double, came_back(), uncertain=True, reopen_by="Go on")

    assert double.issues["SHOP-1"]["status"] == "In Progress"


async def test_who_may_move_nothing_hears_which_permission(double: JiraDouble) -> None:
    double.may.remove("TRANSITION_ISSUES")

    with pytest.raises(PermanentError, match="'Transition Issues'"):
        await tell(double, healed())


async def test_who_may_not_comment_hears_which_permission(double: JiraDouble) -> None:
    double.may.remove("ADD_COMMENTS")

    with pytest.raises(PermanentError, match=r"403 .*heal@example.com needs 'Add Comments'"):
        await tell(double, healed())


async def test_an_issue_that_is_gone_is_no_reason_to_try_for_days(double: JiraDouble) -> None:
    del double.issues["SHOP-1"]

    with pytest.raises(PermanentError, match=r"404 .*does not exist or you do not have permission"):
        await tell(double, healed())


async def test_a_wrong_token_names_its_setting_and_is_not_repeated(double: JiraDouble) -> None:
    with pytest.raises(TemporaryError, match="HEAL_JIRA_USER with HEAL_JIRA_TOKEN") as refused:
        await tell(double, healed(), token="wrong-s3cret")

    assert "wrong-s3cret" not in str(refused.value)
    assert "HEAL_JIRA_TOKEN" in await why_not(double, token="wrong-s3cret")


async def test_a_type_that_the_project_has_not_names_its_setting(double: JiraDouble) -> None:
    async with stands.a_rig() as rig:
        settings = stands.of_jira(double, open_in="SHOP", type="Outage", open_for="critical")
        tracker: JiraTickets = stands.made("jira", settings, rig)
        with pytest.raises(PermanentError, match="HEAL_JIRA_TYPE must be a type"):
            await tracker.tell(incidents.last(incidents.called()), "", uncertain=False)


async def test_an_attachment_that_is_too_large_says_so(double: JiraDouble) -> None:
    double.largest = 10

    with pytest.raises(PermanentError, match=r"413 .*too large"):
        await tell(double, incidents.with_a_report())


async def test_an_answer_of_another_kind_is_no_answer(double: JiraDouble) -> None:
    double.answers = [web.json_response({"comments": "many"})]

    with pytest.raises(PermanentError, match="answered oddly"):
        await tell(double, healed(), uncertain=True)


@pytest.mark.parametrize(
    ("lacks", "says"), [("ADD_COMMENTS", "Add Comments"), ("LINK_ISSUES", "Link Issues")]
)
async def test_the_doctor_says_which_permission_is_missing_and_where(
    double: JiraDouble, lacks: str, says: str
) -> None:
    double.may.remove(lacks)

    assert f"lacks {says} in the project SHOP" in await why_not(double, problem_type="Problem")


async def test_the_doctor_says_that_a_project_is_not_known(double: JiraDouble) -> None:
    assert "HEAL_JIRA_PROJECTS names a project" in await why_not(double, projects="NOPE")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": "http://jira.acme.test"}, "HEAL_JIRA_URL is wrong .*not https"),
        ({"token": ""}, "HEAL_JIRA_TOKEN"),
        ({"projects": ""}, "HEAL_JIRA_PROJECTS"),
        ({"open_in": "OTHER"}, "HEAL_JIRA_OPEN_IN is none of HEAL_JIRA_PROJECTS"),
        ({"open_for": "critical, all"}, "HEAL_JIRA_OPEN_FOR"),
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, str], says: str) -> None:
    right = {"url": "https://a.test", "user": "h@a.test", "token": "x", "projects": "SHOP"}
    async with stands.a_rig() as rig:
        assert stands.made("jira", right, rig).wanted
        with pytest.raises(ConfigurationError, match=says):
            stands.made("jira", right | wrong, rig)


async def test_people_open_issues_elsewhere_than_a_token_with_scopes_asks(
    double: JiraDouble,
) -> None:
    async with stands.a_rig() as rig:
        settings = stands.of_jira(double, site="https://acme.atlassian.net")
        tracker: JiraTickets = stands.made("jira", settings, rig)

    page = "https://acme.atlassian.net/browse/SHOP-1"
    assert tracker.concerns(incidents.named(ticket=page)) == "SHOP-1"
    assert tracker.concerns(incidents.named(ticket=double.page("SHOP-1"))) is None
