"""What is given to outsiders: chosen texts are black wherever they stand, and it is said where."""

from __future__ import annotations

import json
import re

import pytest

from bot.core import blacking, chain, facts
from bot.core.approval import Vote
from bot.core.blacking import Blacking
from bot.core.chain import Row, Walk
from bot.core.errors import ConfigurationError
from bot.core.extracts import Part, Withheld, walked
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event
from tests import builders
from tests.builders import Told

SECRET = "password=hunter22"
WHY = "the customer Acme Ltd. is on the phone"
ALERT = builders.an_alert(
    labels={"service": "shop", "environment": "production", "customer": "ACME"},
    annotations={"summary": "checkout of Acme is slow"},
    brought_by="U0ANA",
)
STORY: tuple[Fact | Told, ...] = (
    builders.an_opening(alert=ALERT, title="ACME: checkout of Acme is slow"),
    facts.Diagnosed(readings=(facts.Reading(name="web", probe="p", seen={"log": SECRET}),)),
    Told(facts.Voted(round=1, vote=Vote(who="U0ANA", yes=True, why=WHY),
                     grounds={"U0ANA": ("approvers",), "U0BEN": ("approvers",)}), "U0ANA"),
    Told(facts.Voted(round=1, vote=Vote(who="U0BEN", yes=False, why="ask ana@example.com first"),
                     lapsed=("U0ANA",)), "U0BEN"),
    facts.Closed(event=Event.APPROVAL_REFUSED,
                 says=f"rejected by U0BEN, not U0ANAX: {WHY} <@U0SLACK77>"),
    facts.Acted(),
)  # fmt: skip
ROWS = [
    chain.row(entry)._replace(key=f"{entry.key}:{entry.actor}")
    for entry in builders.entries(*STORY)
]


def black(*words: str, rows: list[Row] = ROWS) -> list[Part]:
    return list(Blacking(blacking.read(words), rows).parts(rows))


def shown(parts: list[Part]) -> str:
    """All that an outsider can read of them, but for what no text of a person is in."""
    rows = [part if isinstance(part, Row) else part.shown for part in parts]
    return "\n".join(f"{row.actor} {row.key} {row.body}" for row in rows if row)


def places(parts: list[Part]) -> list[int]:
    return [part.seq for part in parts if isinstance(part, Withheld)]


def test_nothing_is_withheld_where_nothing_is_to_be_black() -> None:
    assert black() == ROWS


def test_people_are_numbers_the_same_in_every_entry_and_wherever_they_are_named() -> None:
    parts = black("persons")
    told = shown(parts)

    assert places(parts) == [1, 3, 4, 5]
    assert not re.search(r"U0ANA\b|U0BEN|U0SLACK77|ana@example", told)
    assert "rejected by person-2, not U0ANAX:" in told
    assert '"lapsed":["person-1"]' in told
    assert '"grounds":{"person-1":["approvers"],"person-2":["approvers"]}' in told
    assert "person-2 inc-7f3k2m:4:person-2 " in told


def test_texts_are_black_wherever_they_are_repeated() -> None:
    parts = black("texts")
    told = shown(parts)

    assert places(parts) == [1, 3, 4, 5]
    assert not re.search("Acme Ltd|is on the phone|checkout of|ask ana", told)
    assert '"says":"rejected by U0BEN, not U0ANAX: •••' in told
    assert "U0ANA" in told


def test_a_field_is_black_by_its_path_and_what_it_says_everywhere() -> None:
    parts = black("labels.customer")

    assert places(parts) == [1]
    assert "ACME" not in shown(parts)
    assert '"customer":"•••"' in shown(parts)
    assert '"title":"•••: checkout of Acme is slow"' in shown(parts)


def test_numbers_and_lists_of_a_field_are_black_too() -> None:
    (row,) = [chain.row(one) for one in builders.entries(builders.an_opening(
        alert=builders.an_alert(confidence=0.5)))]  # fmt: skip
    parts = black("alert.confidence", "alert.labels", rows=[row])
    alert = json.loads(shown(parts).partition(" ")[2].partition(" ")[2])["alert"]

    assert alert["confidence"] == "•••"
    assert set(alert["labels"].values()) == {"•••"}


def test_what_looks_like_a_secret_is_black() -> None:
    parts = black("secrets")

    assert places(parts) == [2]
    assert "hunter22" not in shown(parts)


def test_of_a_kind_nothing_but_the_hash_is_given() -> None:
    (held,) = [part for part in black("kind evidence.read") if isinstance(part, Withheld)]

    assert (held.seq, held.shown, held.why) == (2, None, "kind evidence.read")
    assert held.link.hash == ROWS[1].hash


def test_no_word_of_the_record_itself_is_black_because_somebody_wrote_it() -> None:
    alert = builders.an_alert(annotations={"summary": "run.started", "a": "approved", "b": "true"})
    story = (
        builders.an_opening(alert=alert),
        facts.Closed(event=Event.APPROVAL_REFUSED, says="approved"),
    )
    rows = [chain.row(entry) for entry in builders.entries(*story)]

    assert places(black("texts", rows=rows)) == [1]


def test_the_chain_holds_from_hash_to_hash_through_what_is_withheld() -> None:
    entries = [chain.row(entry) for entry in builders.entries(*STORY)]
    parts, walk = black("persons", "texts", rows=entries), Walk(extract=True)

    assert walked(walk, parts) is None
    assert (walk.count, walk.withheld, walk.gaps) == (2, 4, 0)
    assert walk.head.hash == entries[-1].hash


@pytest.mark.parametrize("number", range(len(STORY)))
def test_another_entry_in_place_of_a_withheld_one_shows(number: int) -> None:
    entries = [chain.row(entry) for entry in builders.entries(*STORY)]
    parts = black("persons", "texts", "secrets", rows=entries)
    forged = entries[number]._replace(body='{"kind":"run.acted","failed":"","cancelled":"no"}')
    parts[number] = forged
    found = walked(Walk(extract=True), parts)

    assert found is not None
    assert found.seq == number + 1


def test_a_withheld_entry_has_its_place() -> None:
    entries = [chain.row(entry) for entry in builders.entries(*STORY)]
    parts = black("persons", "texts", rows=entries)
    for wrong in (
        [parts[1], parts[0], *parts[2:]],
        [*parts[:3], parts[2], *parts[3:]],
        [*parts[:2], parts[2]._replace(link=parts[2].link._replace(prev="0" * 64)), *parts[3:]]
        if isinstance(parts[2], Withheld)
        else [],
    ):
        assert walked(Walk(extract=True), wrong) is not None


@pytest.mark.parametrize("word", ["", "a b", "labels.", "$.x"])
def test_what_is_no_field_is_refused(word: str) -> None:
    with pytest.raises(ConfigurationError, match="is no field"):
        blacking.read([word])
