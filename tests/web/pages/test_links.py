"""A link opens one page for an hour, leaves the address at once, and opens nothing else."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from bot.core import links
from bot.core.errors import TemporaryError
from bot.core.links import Links
from bot.web.pages import failures, passes
from bot.web.pages.passes import Pass
from tests.builders import START
from tests.fakes import FakeClock
from tests.web.pages import sites
from tests.web.pages.axe import AGAIN, FIRST, OTHER
from tests.web.pages.sites import Place

PAGE = f"/incidents/{FIRST}"


def later(place: Place, **span: float) -> None:
    assert isinstance(place.clock, FakeClock)
    place.clock.advance(timedelta(**span).total_seconds())


async def test_a_link_becomes_a_cookie_and_leaves_the_address(place: Place) -> None:
    handed = await place.get(place.link(FIRST))
    cookie = handed.headers["set-cookie"]

    assert (handed.status_code, handed.headers["location"], handed.text) == (303, PAGE, "")
    assert cookie.startswith(f"{passes.COOKIE}=")
    for word in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=43200"):
        assert f"; {word}" in cookie
    assert "Domain" not in cookie
    assert handed.headers["referrer-policy"] == "no-referrer"
    assert (await place.get(PAGE, sites.cookies(handed))).status_code == 200


async def test_a10_a_link_opens_its_page_and_what_that_leads_to_and_no_other(place: Place) -> None:
    cookie = sites.cookies(await place.get(place.link(FIRST)))
    seen = {
        path: (await place.get(path, cookie)).status_code
        for path in (PAGE, f"/incidents/{AGAIN}", f"/incidents/{OTHER}", "/runs", "/reports",
                     f"/incidents/{OTHER}/proof.json", f"/incidents/{OTHER}/files/x",
                     "/incidents/inc-nothing")
    }  # fmt: skip

    assert seen.pop(PAGE) == seen.pop(f"/incidents/{AGAIN}") == 200
    assert set(seen.values()) == {401}


async def test_links_of_several_incidents_open_all_of_them_for_the_one_person(
    place: Place,
) -> None:
    first = sites.cookies(await place.get(place.link(FIRST)))
    both = sites.cookies(await place.get(place.link(OTHER), first))
    anas = sites.cookies(await place.get(place.link(OTHER, "U0ANA"), first))

    assert [(await place.get(path, both)).status_code for path in (PAGE, f"/incidents/{OTHER}")] \
        == [200, 200]  # fmt: skip
    assert (await place.get(PAGE, anas)).status_code == 401


async def test_a_link_takes_nothing_from_somebody_who_signed_in(place: Place) -> None:
    answer = await place.get(place.link(FIRST, "U0ANA"), place.signed_in("U0OLIVIA"))

    assert (answer.status_code, answer.headers.get("set-cookie")) == (303, None)


async def test_a_late_link_says_how_to_get_another(place: Place) -> None:
    late = place.link(FIRST)
    later(place, hours=1)
    answer = await place.get(late)

    assert (answer.status_code, answer.headers.get("set-cookie")) == (410, None)
    assert "/heal link" in answer.text
    assert "expired" in answer.text


async def test_what_a_link_opened_closes_after_half_a_day(place: Place) -> None:
    cookie = sites.cookies(await place.get(place.link(FIRST)))
    later(place, hours=11, minutes=59)
    assert (await place.get(PAGE, cookie)).status_code == 200
    later(place, minutes=1)
    assert (await place.get(PAGE, cookie)).status_code == 401


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"incidents/{FIRST}", f"incidents/{OTHER}"),
        ("by=U0OLIVIA", "by=U0ANA"),
        ("until=1", "until=2"),
        ("signed=", "signed=A"),
    ],
)
async def test_a_link_that_was_changed_opens_nothing(place: Place, old: str, new: str) -> None:
    answer = await place.get(place.link(FIRST).replace(old, new, 1))

    assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)
    assert "not right" in answer.text


async def test_a11_a_cookie_that_nobody_was_given_opens_nothing(place: Place) -> None:
    now = place.clock.now()
    forged = passes.written(Pass("U0OLIVIA", passes.last(now)), b"another key")
    way = passes.sealed(sites.KEY, "__Host-heal-way", ["U0OLIVIA", passes.last(now), []])
    mine = place.signed_in()
    tried = [f"{passes.COOKIE}={forged}", f"{passes.COOKIE}={way}", mine[:-1] + "A", f"{mine}x",
             f"{passes.COOKIE}=", f"{passes.COOKIE}=.", "heal=1"]  # fmt: skip

    assert {(await place.get(PAGE, one)).status_code for one in tried} == {401}
    assert (await place.get(PAGE, mine)).status_code == 200


async def test_who_left_sees_nothing_any_more_and_slack_away_shuts_nobody_out(
    place: Place,
) -> None:
    cookie = place.signed_in()
    place.members.kept_out["U0OLIVIA"] = "people who left see no pages"
    gone = await place.get(PAGE, cookie)
    place.members.error = TemporaryError("Slack is away")

    assert (gone.status_code, "people who left" in gone.text.lower()) == (403, True)
    assert (await place.get(PAGE, cookie)).status_code == 200


async def test_a_guest_opens_no_link(place: Place) -> None:
    place.members.kept_out["U0GUEST"] = "guests see no pages"
    answer = await place.get(place.link(FIRST, "U0GUEST"))

    assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


async def test_who_guesses_is_let_guess_no_more_and_nobody_else_waits(place: Place) -> None:
    wrong = place.link(FIRST)[:-1]
    guesses = [await place.get(wrong, **{"X-Forwarded-For": "192.0.2.7"}) for _ in range(12)]
    good = await place.get(place.link(FIRST), **{"X-Forwarded-For": "192.0.2.7"})
    other = await place.get(wrong, **{"X-Forwarded-For": "192.0.2.8"})

    assert [one.status_code for one in guesses] == [403] * failures.MOST + [429, 429]
    assert 0 < int(guesses[-1].headers["retry-after"]) <= failures.SPAN
    assert (good.status_code, other.status_code) == (303, 403)

    later(place, seconds=failures.SPAN)
    again = await place.get(wrong, **{"X-Forwarded-For": "192.0.2.7"})
    assert again.status_code == 403, "after a while they may try again"


def test_of_very_many_who_fail_the_latest_are_remembered() -> None:
    known = failures.Failures()
    for number in range(failures.KNOWN + 5):
        known.failed(str(number), 0.0)

    assert len(known._of) == failures.KNOWN


async def test_no_answer_is_made_of_what_a_request_calls_us(place: Place) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        answers = [
            await place.get(path, place.signed_in(), **headers)
            for path in ("/", "/runs", PAGE, "/runs/run-x", place.link(FIRST), "/sign-in")
        ]
        assert not [a for a in answers if "evil" in a.text or "evil" in str(a.headers)]


def test_the_address_that_slack_hands_out_is_the_one_that_opens() -> None:
    made = Links("https://heal.example.org", sites.KEY).opening(FIRST, "U1", START)

    assert urlsplit(made).path == links.path(FIRST) == PAGE
