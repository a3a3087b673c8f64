"""A pager that posts that somebody took it: who has it is asked there at once, and nothing more."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.errors import AlertRejected
from bot.core.facts import Raised, Taken, Unheard
from bot.core.incident import Incident
from bot.engine.receiving import HINTED, Receiving
from bot.sources.opsgenie import Opsgenie
from bot.sources.pagerduty import PagerDuty
from bot.store.inbox import Inbox
from tests.builders import START
from tests.engine.houses import House
from tests.engine.test_calling import novel, of, with_levels

SECRET = "s3cret-7f3k2m"
PAYLOADS = Path(__file__).parents[1] / "sources" / "payloads"


def acknowledged(at: datetime) -> bytes:
    """PagerDuty's message that somebody acknowledged an incident, as of then."""
    sent = json.loads((PAYLOADS / "pagerduty_acknowledged.json").read_bytes())
    sent["event"]["occurred_at"] = at.isoformat()
    return json.dumps(sent).encode()


TAKEN, OLD = acknowledged(START), acknowledged(START - timedelta(days=3))


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-pagerduty-signature": f"v1={digest}"}


class Pager:
    """Who has it there, and how often that was asked."""

    def __init__(self) -> None:
        self.by = ""
        self.asked = 0

    async def holder(self, _: Incident) -> tuple[str, str]:
        self.asked += 1
        return self.by, "pagerduty" if self.by else ""


@pytest.fixture
async def pager(house: House) -> Pager:
    """A call that nobody took yet, followed by a house that asks this pager."""
    one = Pager()
    house.holders = [one.holder]
    await house.restart()
    with_levels(house)
    await novel(house)
    await house.settle()
    return one


async def posted(house: House, headers: dict[str, str], body: bytes = TAKEN) -> str:
    doors = {
        "pagerduty": PagerDuty(PagerDuty.config(secret=SECRET)),
        "opsgenie": Opsgenie(Opsgenie.config(token=SECRET)),
    }
    name = "pagerduty" if "x-pagerduty-signature" in headers else "opsgenie"
    inbox = await Inbox.open(house.writer)
    room = Receiving(house.world, inbox, house.intake.take, doors)
    told = await room.receive(name, headers, body)
    await house.settle()
    assert await inbox.pending() == []
    return told.greeted


async def test_acknowledging_there_ends_the_calling_at_once(house: House, pager: Pager) -> None:
    pager.by = "Bea"
    before = await house.facts(Taken)
    said = await posted(house, signed(TAKEN))
    after = await house.facts(Taken)
    await house.pass_(10_000)

    assert (before, said) == ([], HINTED)
    assert after == [Taken(by="Bea", at="pagerduty")]
    assert await of(house, Raised, Unheard) == []


async def test_one_that_is_played_again_stops_nobody_from_being_called(
    house: House, pager: Pager
) -> None:
    asked = pager.asked
    for _ in range(3):
        await posted(house, signed(TAKEN))
    looked = pager.asked
    await house.pass_(600)

    assert looked == asked + 3
    assert await house.facts(Taken) == []
    assert [one.level for one in await house.facts(Raised)] == [2]


@pytest.mark.parametrize(
    ("body", "secret"), [(TAKEN, "guess"), (OLD, SECRET)], ids=["forged", "old"]
)
async def test_a_forged_or_a_recorded_one_is_refused_and_nobody_is_asked(
    house: House, pager: Pager, body: bytes, secret: str
) -> None:
    pager.by, asked = "Bea", pager.asked
    with pytest.raises(AlertRejected) as refused:
        await posted(house, signed(body, secret), body)
    await house.settle()

    assert refused.value.status == 401
    assert (pager.asked, await house.facts(Taken)) == (asked, [])


async def test_operations_of_jsm_say_so_with_their_token(house: House, pager: Pager) -> None:
    pager.by = "Bea"
    body = (PAYLOADS / "opsgenie_acknowledge.json").read_bytes()
    said = await posted(house, {"authorization": f"Bearer {SECRET}"}, body)

    assert said == HINTED
    assert await house.facts(Taken) == [Taken(by="Bea", at="pagerduty")]


async def test_what_is_about_alerts_is_no_hint(house: House, pager: Pager) -> None:
    asked = pager.asked
    body = (PAYLOADS / "opsgenie_add_note.json").read_bytes()

    assert await posted_and_kept(house, body) == ""
    assert pager.asked == asked


async def posted_and_kept(house: House, body: bytes) -> str:
    source = Opsgenie(Opsgenie.config(token=SECRET))
    inbox = await Inbox.open(house.writer)
    room = Receiving(house.world, inbox, house.intake.take, {"opsgenie": source})
    told = await room.receive("opsgenie", {"authorization": f"Bearer {SECRET}"}, body)
    await house.settle()
    assert len(await inbox.pending()) == 1
    return told.greeted
