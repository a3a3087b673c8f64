"""Sign in with Slack, against the local Slack over real HTTP: who comes in, and who does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.clients import openid
from bot.core.errors import TemporaryError
from bot.rehearsal.workspace import Workspace
from bot.rehearsal.workspace.web.openid import KEY, _key
from bot.web.pages.gate import WAY, safe
from tests import builders
from tests.fakes import FakeClock
from tests.web.pages import sites
from tests.web.pages.axe import FIRST
from tests.web.pages.sites import Place

ASKED = "/sign-in/slack?next=/reports?for=7d"


async def way(place: Place, start: str = ASKED) -> tuple[str, str]:
    """Begin; where the browser is sent, and what it keeps."""
    begun = await place.get(start)
    assert begun.status_code == 303, begun.text
    return begun.headers["location"], sites.cookies(begun)


async def agreed(place: Place, where: str, user: str = "U0OLIVIA") -> str:
    """Say yes at Slack; the path with which the browser comes back."""
    answer = await place.client.get(f"{where}&as={user}")
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(place.url)
    return str(answer.headers["location"].removeprefix(place.url))


def refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and "__Host-heal=" not in str(answer.headers)


async def test_who_signs_in_goes_where_they_were_going_and_sees_everything(
    ledger: Path, workspace: Workspace
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        where, kept = await way(place)
        answer = await place.get(await agreed(place, where), kept)
        cookie = sites.cookies(answer)

        assert (answer.status_code, answer.headers["location"]) == (303, "/reports?for=7d")
        for path in ("/runs", "/reports?for=7d", f"/incidents/{FIRST}"):
            seen = await place.get(path, cookie)
            assert (seen.status_code, "Sign out U0OLIVIA" in seen.text) == (200, True)
        out = await place.client.post(f"{place.url}/sign-out", headers={"Cookie": cookie})
        assert "Max-Age=0" in out.headers["set-cookie"]


async def test_slack_is_asked_with_a_state_a_nonce_and_a_challenge_that_are_new_each_time(
    ledger: Path, workspace: Workspace
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        asked = [parse_qs(urlsplit((await way(place))[0]).query) for _ in range(2)]

    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name][0] for one in asked}) == 2, name
        assert len(asked[0][name][0]) >= 43
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["scope"] == ["openid profile"]


async def test_a12_a_browser_that_did_not_begin_is_not_signed_in_by_anybodys_address(
    ledger: Path, workspace: Workspace
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        attackers, _ = await way(place)
        _, victims = await way(place)
        back = await agreed(place, attackers, "U0SAM")
        mine = place.signed_in().replace("__Host-heal", WAY)
        answers = [await place.get(back), await place.get(back, victims),
                   await place.get("/sign-in/back?code=x&state=", victims),
                   await place.get(back, mine)]  # fmt: skip

    assert all(map(refused, answers))
    assert len(workspace.openid._codes) == 1, "nobody asked Slack about what they did not begin"


async def test_a_code_is_good_once_and_a_way_for_ten_minutes(
    ledger: Path, workspace: Workspace
) -> None:
    clock = FakeClock(builders.START)
    async with sites.served(ledger, clock=clock, workspace=workspace) as place:
        where, kept = await way(place)
        clock.advance(601)
        late = await place.get(await agreed(place, where), kept)
        where, kept = await way(place)
        back = await agreed(place, where)
        first, second = await place.get(back, kept), await place.get(back, kept)

    assert (first.status_code, refused(second), refused(late)) == (303, True, True)


async def test_whoever_is_of_another_workspace_or_kept_out_does_not_come_in(
    ledger: Path, workspace: Workspace
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        place.members.kept_out["U0SAM"] = "guests see no pages"
        where, kept = await way(place)
        guest = await place.get(await agreed(place, where, "U0SAM"), kept)
        workspace.openid.team = "T0ELSEWHERE"
        where, kept = await way(place)
        foreign = await place.get(await agreed(place, where), kept)

    assert refused(guest)
    assert refused(foreign)
    assert "guests see no pages" in guest.text
    assert "another workspace" in foreign.text


async def test_while_slack_cannot_say_who_somebody_is_nobody_signs_in(
    ledger: Path, workspace: Workspace
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        where, kept = await way(place)
        back = await agreed(place, where)
        place.members.error = TemporaryError("Slack is away")
        answer = await place.get(back, kept)

    assert (answer.status_code, "__Host-heal=" in str(answer.headers)) == (503, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another app"},
        {"aud": ["1.0", "another app"]},
        {"aud": ["1.0", "another app"], "azp": "another app"},
        {"azp": "another app"},
        {"iss": "https://evil.example"},
        {"nonce": "another browser's"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 99999999999},
        {"https://slack.com/team_id": None},
        {"https://slack.com/user_id": ""},
    ],
)
async def test_a_word_of_slacks_that_is_not_for_this_very_sign_in_lets_nobody_in(
    ledger: Path, workspace: Workspace, changed: dict[str, Any]
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        where, kept = await way(place)
        workspace.openid.said = changed
        answer = await place.get(await agreed(place, where), kept)

    assert refused(answer)


@pytest.mark.parametrize("how", ["none", "HS256", "another key", "no such key"])
async def test_a_word_that_slack_did_not_sign_lets_nobody_in(
    ledger: Path, workspace: Workspace, how: str
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        where, kept = await way(place)
        back = await agreed(place, where)
        provider = workspace.openid
        [asked] = provider._codes.values()
        told = provider.claims(asked)
        public = (await place.client.get(f"{workspace.url}/openid/connect/keys")).json()["keys"][0]
        forged = {
            "none": lambda: jwt.encode(told, "", "none", headers={"kid": KEY}),
            "HS256": lambda: jwt.encode(told, public["n"], "HS256", headers={"kid": KEY}),
            "another key": lambda: _signed_by_another(told, KEY),
            "no such key": lambda: _signed_by_another(told, "local-2"),
        }[how]()
        provider.forged = forged
        answer = await place.get(back, kept)

    assert refused(answer)


async def test_a_token_for_others_too_is_good_where_it_was_made_for_us(
    ledger: Path, workspace: Workspace
) -> None:
    app = workspace.world.app.client_id
    async with sites.served(ledger, workspace=workspace) as place:
        where, kept = await way(place)
        workspace.openid.said = {"aud": [app, "another app"], "azp": app}
        answer = await place.get(await agreed(place, where), kept)

    assert answer.status_code == 303


@pytest.mark.parametrize("name", ["local-2", KEY])
async def test_a_key_that_slack_changed_is_asked_for_at_once_and_never_in_a_rush(
    ledger: Path, workspace: Workspace, name: str
) -> None:
    clock, provider = FakeClock(), workspace.openid

    async def tried(place: Place) -> httpx.Response:
        where, kept = await way(place)
        return await place.get(await agreed(place, where), kept)

    async with sites.served(ledger, clock=clock, workspace=workspace) as place:
        first = await tried(place)
        provider.kid, provider.generation = name, 1
        hasty = await tried(place)
        clock.advance(openid.BETWEEN + 1)
        second = await tried(place)

    assert (first.status_code, refused(hasty), second.status_code) == (303, True, 303)


async def test_a_key_that_slack_withdrew_is_believed_for_an_hour_at_most(
    ledger: Path, workspace: Workspace
) -> None:
    clock, provider = FakeClock(), workspace.openid
    async with sites.served(ledger, clock=clock, workspace=workspace) as place:
        where, kept = await way(place)
        first = await place.get(await agreed(place, where), kept)
        clock.advance(openid.KEPT + 1)
        where, kept = await way(place)
        back = await agreed(place, where)
        [asked] = provider._codes.values()
        old = jwt.encode(provider.claims(asked), _key(0), "RS256", headers={"kid": KEY})
        provider.forged, provider.kid, provider.generation = old, "local-2", 1
        late = await place.get(back, kept)

    assert (first.status_code, refused(late)) == (303, True)


def _signed_by_another(told: dict[str, object], kid: str) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(told, key, "RS256", headers={"kid": kid})


async def test_nobody_is_sent_anywhere_but_to_a_page_of_ours(
    ledger: Path, workspace: Workspace
) -> None:
    async with sites.served(ledger, workspace=workspace) as place:
        for after in ("https://evil.example/", "//evil.example/runs", "/%5Cevil.example",
                      "/runs%0d%0aX: 1", "/sign-out", "javascript:alert(1)"):  # fmt: skip
            where, kept = await way(place, f"/sign-in/slack?next={after}")
            answer = await place.get(await agreed(place, where), kept)
            assert answer.headers["location"] == "/runs", after


@pytest.mark.parametrize("where", ["/runs\\evil", "/runs evil", "/incidents/\u00e9", "/runsx", ""])
def test_an_address_that_is_no_page_of_ours_is_the_list(where: str) -> None:
    assert safe(where) == "/runs"


async def test_another_site_signs_nobody_out(ledger: Path) -> None:
    async with sites.served(ledger) as place:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            sent = {"Cookie": place.signed_in(), **headers}
            answer = await place.client.post(f"{place.url}/sign-out", headers=sent)
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_where_no_app_is_named_the_page_says_that_links_are_the_way(ledger: Path) -> None:
    async with sites.served(ledger) as place:
        answers = [await place.get(path) for path in ("/runs", "/sign-in", "/sign-in/slack")]
        back = await place.get("/sign-in/back?code=x&state=y")

    assert {one.status_code for one in answers} == {401}
    assert all("not set up" in one.text and "/heal link" in one.text for one in answers)
    assert refused(back)
