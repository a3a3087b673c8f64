"""The digest of a storm: what goes on, what waits, and counts that add up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.slack.cards import digest
from bot.slack.cards.digest import Line
from tests import builders
from tests.slack.cards import stories

Golden = Callable[[str, Any], Any]
NAMES = ("awaiting", "unmatched", "running", "healed", "resolved", "looking", "awaiting_two")


def met(*names: str) -> list[Line]:
    return [
        digest.line(stories.incident(name), carded=True)._replace(id=f"inc-{n}", seen=10 * n + 1)
        for n, name in enumerate(names)
    ]


def test_a_storm_is_as_it_was_looked_at(golden: Golden) -> None:
    links = {"inc-0": "https://team.example/archives/C1/p1"}
    ended = builders.START + timedelta(minutes=12)
    told = {
        "lasting": digest.card(met(*NAMES), links, builders.START, None).model_dump(mode="json"),
        "over": digest.card(met(*NAMES), links, builders.START, ended).model_dump(mode="json"),
    }

    assert golden("digest", told) == told


def test_a_thousand_incidents_fit_and_those_that_wait_are_counted() -> None:
    card = digest.card(met(*["awaiting"] * 1000), {}, builders.START, None)
    said = json.dumps(card.blocks, ensure_ascii=False)

    assert "1000 incidents" in card.text
    assert "1000 wait for approval" in said
    assert "990 more" in said
