"""GitHub: comments that ping nobody, states with a reason, and limits that are waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.core import exhibit, updates
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError
from bot.core.telling.blocks import Table
from bot.core.updates import Kind, Update
from bot.tickets._notes import Note
from bot.tickets.github import GithubTickets
from tests import builders
from tests.desks import forges, githubs, stands
from tests.desks.githubs import GithubDouble
from tests.slack.cards import stories
from tests.tickets import incidents

KNOWN = "acme/shop#1"
SLOW = '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}'


@pytest.fixture
async def double() -> AsyncIterator[GithubDouble]:
    async with githubs.opened() as one:
        one.put(1)
        yield one


async def tell(
    double: GithubDouble,
    update: Update,
    where: str = KNOWN,
    *,
    uncertain: bool = False,
    **more: str,
) -> str:
    async with stands.a_rig() as rig:
        settings = stands.of_github(double, open_in="acme/shop", **more)
        tracker: GithubTickets = stands.made("github", settings, rig)
        return await tracker.tell(update, where, uncertain=uncertain)


async def why_not(double: GithubDouble, **more: str) -> str:
    async with stands.a_rig() as rig:
        told: str = await stands.made("github", stands.of_github(double, **more), rig).why_not()
        return told


def healed() -> Update:
    known = updates.of(stories.incident("resolved"))
    return next(one for one in known if one.kind is Kind.HEALED)


async def test_success_closes_it_as_completed_and_a_relapse_opens_it_again(
    double: GithubDouble,
) -> None:
    await tell(double, healed())
    closed = double.issues[1]["state_reason"]
    known = updates.of(stories.incident("not_fixed"))
    await tell(double, next(one for one in known if one.reopens))

    assert (closed, double.issues[1]["state_reason"]) == ("completed", "reopened")


async def test_what_is_opened_has_labels_and_a_title_that_calls_nobody(
    double: GithubDouble,
) -> None:
    opening = builders.an_opening(title="shop: @ana, see #12 " + "a" * 300)
    update = incidents.last(builders.an_incident(opening))
    await tell(double, update, "", labels="heal, incident")
    issue = double.issues[2]

    assert issue["title"] == "shop: `@ana,` see `#12`"
    assert [one["name"] for one in issue["labels"]] == ["heal", "incident"]


async def test_every_update_of_a_story_is_text_but_for_what_is_ours(double: GithubDouble) -> None:
    for update in updates.of(stories.incident("rolled_back")):
        await tell(double, update)

    active = {kind for text in double.said(1) for kind in forges.rendered(text).active}
    assert active == {"strong_open", "strong_close"}


async def test_a_report_is_folded_into_the_note_and_cannot_leave_it(double: GithubDouble) -> None:
    await tell(double, incidents.with_a_report())
    [note] = double.said(1)
    fences = [one.content for one in forges.tokens(note) if one.type == "fence"]

    assert "<summary>run-7f3k2m-report-tree-before.txt</summary>" in note
    assert fences == [incidents.TREE]


async def test_a_picture_is_no_text_and_is_looked_at_elsewhere(double: GithubDouble) -> None:
    await tell(double, incidents.with_a_report(b"\x89PNG\r\n", exhibit.PNG))
    [note] = double.said(1)

    assert "PNG" not in note
    assert "details" not in note


async def test_a_table_that_is_too_long_is_left_out_and_the_mark_stays(
    double: GithubDouble,
) -> None:
    rows = (("` " * 100,) * 4,) * 60
    told = Note("t", "` " * 3000, Table(("a", "b", "c", "d"), rows), "", "inc-1", ("inc-1.0",))
    async with stands.a_rig() as rig:
        tracker: GithubTickets = stands.made("github", stands.of_github(double), rig)
        await tracker.comment(KNOWN, told)
    [note] = double.said(1)

    assert "---" not in note
    assert note.endswith("`heal:inc-1.0`")


async def test_a_try_again_finds_its_note_below_more_comments_than_are_read(
    double: GithubDouble,
) -> None:
    for number in range(1_250):
        double.strange(KNOWN, f"me too, {number}")
    await tell(double, healed())
    for number in range(120):
        double.strange(KNOWN, f"still, {number}")
    await tell(double, healed(), uncertain=True)

    assert sum("heal:inc-7f3k2m." in one for one in double.said(1)) == 1


async def test_what_is_too_long_for_github_is_left_out_from_its_end(double: GithubDouble) -> None:
    await tell(double, incidents.with_a_report(b"`x` \\| " * 10_000))
    [note] = double.said(1)

    assert len(note) < 65_536
    assert note.endswith("`heal:inc-7f3k2m.1`")


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(("headers", "rest"), [({"Retry-After": "90"}, 90), ({}, 60)])
async def test_a_secondary_limit_is_waited_for(
    double: GithubDouble, status: int, headers: dict[str, str], rest: int
) -> None:
    double.answers = [web.Response(status=status, headers=headers, text=SLOW)]
    with pytest.raises(TemporaryError, match="asked too often") as refused:
        await tell(double, healed())

    assert refused.value.retry_after == rest


async def test_a_missing_permission_is_named_and_is_no_limit(double: GithubDouble) -> None:
    double.may.clear()

    with pytest.raises(PermanentError, match=r"HEAL_GITHUB_TOKEN needs the permission Issues"):
        await tell(double, healed())


async def test_a_wrong_token_names_its_setting_and_is_not_repeated(double: GithubDouble) -> None:
    with pytest.raises(TemporaryError, match="does not take HEAL_GITHUB_TOKEN") as refused:
        await tell(double, healed(), token="wrong-s3cret")

    assert "s3cret" not in str(refused.value)


async def test_a_pull_request_is_never_closed(double: GithubDouble) -> None:
    double.put(3, pull_request={"url": "https://api.github.test/pulls/3"})

    with pytest.raises(PermanentError, match="acme/shop#3 is a pull request"):
        await tell(double, healed(), "acme/shop#3")
    assert double.issues[3]["state"] == "open"


async def test_the_doctor_says_what_is_not_as_it_has_to_be(double: GithubDouble) -> None:
    assert await why_not(double) == ""
    assert "HEAL_GITHUB_TOKEN" in await why_not(double, token="wrong")
    assert "404" in await why_not(double, repositories="acme/other")
    double.private = False
    assert "acme/shop is public" in await why_not(double)
    double.may.remove("triage")
    assert "give it the role Triage" in await why_not(double)
    double.archived = True
    assert "takes no issues" in await why_not(double)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"repositories": ""}, "HEAL_GITHUB_REPOSITORIES"),
        ({"repositories": "shop"}, "no path of a repository"),
        ({"repositories": "acme/../shop"}, "no path of a repository"),
        ({"open_in": "acme/other"}, "cannot be opened in 'acme/other': list it"),
        ({"url": "http://github.acme.test"}, "HEAL_GITHUB_URL is wrong"),
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, str], says: str) -> None:
    right = {"token": "x", "repositories": "acme/shop"}
    async with stands.a_rig() as rig:
        assert stands.made("github", right, rig).wanted
        with pytest.raises(ConfigurationError, match=says):
            stands.made("github", right | wrong, rig)


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://api.github.com", "https://github.com/acme/shop/issues/7"),
        ("https://github.acme.test/api/v3", "https://github.acme.test/acme/shop/issues/7"),
    ],
)
async def test_its_pages_are_known_by_the_address_of_the_api(url: str, page: str) -> None:
    settings = {"token": "x", "repositories": "acme/shop", "url": url}
    async with stands.a_rig() as rig:
        tracker: GithubTickets = stands.made("github", settings, rig)

    assert tracker.concerns(incidents.named(ticket=page)) == "acme/shop#7"
