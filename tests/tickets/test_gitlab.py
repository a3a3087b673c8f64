"""GitLab: notes that command nothing, files that are uploaded, and roles that are named."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core import exhibit, updates
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError
from bot.core.updates import Kind, Update
from bot.tickets.gitlab import GitlabTickets
from tests import builders
from tests.desks import forges, gitlabs, stands
from tests.desks.gitlabs import HASH, PROJECT, GitlabDouble
from tests.slack.cards import stories
from tests.tickets import incidents

KNOWN = f"{PROJECT}#1"


@pytest.fixture
async def double() -> AsyncIterator[GitlabDouble]:
    async with gitlabs.opened() as one:
        one.put(1)
        yield one


async def tell(double: GitlabDouble, update: Update, where: str = KNOWN, **more: str) -> str:
    async with stands.a_rig() as rig:
        settings = stands.of_gitlab(double, open_in=PROJECT, **more)
        tracker: GitlabTickets = stands.made("gitlab", settings, rig)
        return await tracker.tell(update, where, uncertain=False)


async def why_not(double: GitlabDouble, **more: str) -> str:
    async with stands.a_rig() as rig:
        told: str = await stands.made("gitlab", stands.of_gitlab(double, **more), rig).why_not()
        return told


def healed() -> Update:
    known = updates.of(stories.incident("resolved"))
    return next(one for one in known if one.kind is Kind.HEALED)


@pytest.mark.parametrize("where", [KNOWN, ""])
async def test_no_alert_can_command_gitlab_by_a_note(double: GitlabDouble, where: str) -> None:
    alert = builders.an_alert(name="/close", annotations={"summary": "x\n/assign @ana\n/close"})
    opening = builders.an_opening(title="/close\n/label ~bug", alert=alert)
    await tell(double, incidents.last(builders.an_incident(opening)), where)

    assert double.commands == []


async def test_every_update_of_a_story_is_text_but_for_what_is_ours(double: GitlabDouble) -> None:
    for update in updates.of(stories.incident("rolled_back")):
        await tell(double, update)

    active = {kind for text in double.said(1) for kind in forges.rendered(text).active}
    assert active == {"strong_open", "strong_close"}
    assert double.commands == []


async def test_a_report_is_uploaded_and_linked_from_the_note(double: GitlabDouble) -> None:
    await tell(double, incidents.with_a_report())
    [note] = double.said(1)
    [(url, (media, octets))] = double.uploads.items()

    assert url == f"/uploads/{HASH}/run-7f3k2m-report-tree-before.txt"
    assert (media, octets.decode()) == ("text/plain; charset=utf-8", incidents.TREE)
    assert f"[run-7f3k2m-report-tree-before.txt]({url})" in note


async def test_a_picture_is_seen_within_the_note(double: GitlabDouble) -> None:
    await tell(double, incidents.with_a_report(b"\x89PNG\r\n", exhibit.PNG))
    [note] = double.said(1)
    [(url, (media, octets))] = double.uploads.items()

    assert f"![run-7f3k2m-graph.png]({url})" in note
    assert (media, octets) == ("image/png", b"\x89PNG\r\n")


async def test_what_is_opened_has_labels_and_a_title_that_calls_nobody(
    double: GitlabDouble,
) -> None:
    opening = builders.an_opening(title="shop: @ana, see #12 " + "!3 " * 200)
    update = incidents.last(builders.an_incident(opening))
    await tell(double, update, "", labels="heal,incident")
    issue = double.issues[2]

    assert issue["title"].startswith("shop: `@ana,` see `#12` `!3` ")
    assert forges.rendered(issue["title"]).active == ()
    assert issue["labels"] == ["heal", "incident"]


async def test_a_missing_role_is_named(double: GitlabDouble) -> None:
    double.role = 10

    with pytest.raises(PermanentError, match="HEAL_GITLAB_TOKEN needs the role Reporter"):
        await tell(double, healed())


async def test_a_wrong_token_names_its_setting_and_is_not_repeated(double: GitlabDouble) -> None:
    with pytest.raises(TemporaryError, match="does not take HEAL_GITLAB_TOKEN") as refused:
        await tell(double, healed(), token="wrong-s3cret")

    assert "s3cret" not in str(refused.value)


async def test_the_doctor_says_what_is_not_as_it_has_to_be(double: GitlabDouble) -> None:
    assert await why_not(double) == ""
    assert "404" in await why_not(double, projects="acme/other")
    double.visibility = "public"
    assert f"{PROJECT} is public" in await why_not(double)
    double.role = 15
    assert "lacks the role Reporter" in await why_not(double)
    double.scopes = ("read_api",)
    assert "lacks the scope api" in await why_not(double)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"projects": ""}, "HEAL_GITLAB_PROJECTS"),
        ({"projects": "shop"}, "no path of a repository"),
        ({"open_in": "acme/other"}, "cannot be opened in 'acme/other': list it"),
        ({"url": "http://gitlab.acme.test"}, "HEAL_GITLAB_URL is wrong"),
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, str], says: str) -> None:
    right = {"token": "x", "projects": "acme/shop"}
    async with stands.a_rig() as rig:
        assert stands.made("gitlab", right, rig).wanted
        with pytest.raises(ConfigurationError, match=says):
            stands.made("gitlab", right | wrong, rig)


async def test_an_issue_under_its_newer_address_is_the_same() -> None:
    settings = {"token": "x", "projects": "acme/shop"}
    async with stands.a_rig() as rig:
        tracker: GitlabTickets = stands.made("gitlab", settings, rig)

    page = "https://gitlab.com/acme/shop/-/work_items/7"
    assert tracker.concerns(incidents.named(ticket=page)) == "acme/shop#7"
