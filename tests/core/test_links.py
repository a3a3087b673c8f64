"""A signed link opens one page for one person until a moment, and no other signature is ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.core import links
from bot.core.links import Links, Opened
from tests.builders import START

KEY = links.key_of("xoxb-a-secret")
LINKS = Links("https://heal.example.org", KEY)
SECOND = timedelta(seconds=1)


def read(address: str, now: datetime = START, *, changed: Mapping[str, str] = {}) -> Opened | None:
    """Open an address as the pages do, with some of what it says changed."""
    parts = urlsplit(address)
    told = {"where": parts.path, **dict(parse_qsl(parts.query)), **changed}
    return links.opened(KEY, told["where"], told["by"], told["until"], told["signed"], now)


def test_an_address_opens_its_page_for_an_hour_and_then_says_that_it_is_late() -> None:
    address = LINKS.opening("inc-1", "U1", START)

    assert address.startswith("https://heal.example.org/incidents/inc-1?by=U1&until=")
    assert read(address) == Opened("U1", expired=False)
    assert read(address, START + links.OPENS - SECOND) == Opened("U1", expired=False)
    assert read(address, START + links.OPENS) == Opened("U1", expired=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"where": "/incidents/inc-2"},
        {"by": "U2"},
        {"until": "99999999999"},
        {"until": "not a number"},
        {"signed": ""},
        {"signed": "é\ud800"},
        {"by": "U1\x00", "until": ""},
    ],
)
def test_whatever_is_changed_in_an_address_it_opens_nothing(changed: dict[str, str]) -> None:
    assert read(LINKS.opening("inc-1", "U1", START), changed=changed) is None


def test_words_are_signed_one_by_one() -> None:
    assert links.sign(KEY, "a", "bc") != links.sign(KEY, "ab", "c")


def test_another_key_opens_nothing_and_no_key_opens_nothing_at_all() -> None:
    address = Links(LINKS.url, links.key_of("another")).opening("inc-1", "U1", START)
    unsigned = links.sign(b"", "link", "/incidents/inc-1", "U1", "99999999999")

    assert read(address) is None
    assert links.opened(b"", "/incidents/inc-1", "U1", "99999999999", unsigned, START) is None


def test_without_a_public_address_there_are_no_links() -> None:
    none = Links(key=KEY)

    assert (none.page("inc-1"), none.opening("inc-1", "U1", START)) == ("", "")


def test_a_name_with_signs_of_an_address_stays_one_name() -> None:
    assert LINKS.page("inc-1/../?x") == "https://heal.example.org/incidents/inc-1%2F..%2F%3Fx"
