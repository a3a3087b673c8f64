"""Entries are found by their words, and the file is only read."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.core.facts import Cancelling, Halted, Kept, Refused
from bot.core.facts.fact import Fact
from bot.core.telling.book import said
from bot.store.file import connect
from bot.store.searching import Found, search
from bot.store.view import View
from bot.store.writer import Writer
from tests.store.drafts import draft

FACTS: tuple[tuple[str, Fact], ...] = (
    ("", Halted(by="U0ANDRE", why="Łódź café is on fire")),
    ("inc-7f3k2m", Kept(by="U0ANA")),
    ("inc-7f3k2m", Cancelling(by="U0ANA", why='the "wrong" shop, step_2')),
    ("", Refused(door="slack", why="no (signature) AND \u202e more")),
)


@pytest.fixture
def ledger(path: Path) -> Path:
    with closing(connect(path, 0)) as db:
        for number, (incident, fact) in enumerate(FACTS, 1):
            key = f"key-{number}"
            View(db).append(draft(key, kind=fact.kind, incident=incident, body=fact.body))
    return path


def found(ledger: Path, *words: str, limit: int = 20) -> Found:
    return search(ledger, words, said, limit)


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        (["fire"], [1]),
        (["CAFE"], [1]),
        (["u0ana"], [2, 3]),
        (["u0ana", "wrong"], [3]),
        (["u0*"], [1, 2, 3]),
        (["wrong shop"], [3]),
        (["shop wrong"], []),
        (["inc-7f3k2m"], [2, 3]),
        (["run cancel*"], [3]),
        (["(signature)", "AND"], [4]),
        (['"wrong"'], [3]),
        (["fire", "OR", "shop"], []),
        (["heal"], [1, 2, 3, 4]),
    ],
)
def test_words_find_the_entries_that_hold_all_of_them(
    ledger: Path, words: list[str], seqs: list[int]
) -> None:
    result = found(ledger, *words)

    assert seqs == [hit.seq for hit in result.hits]
    assert result.total == len(seqs)


def test_a_hit_is_marked_in_its_sentence(ledger: Path) -> None:
    (hit,) = found(ledger, "fire").hits

    assert "on «fire»" in hit.says
    assert (hit.incident, hit.actor, hit.kind, hit.excerpt) == ("", "heal", "house.halted", "")


def test_what_hides_in_an_entry_is_shown_in_its_excerpt(ledger: Path) -> None:
    (hit,) = found(ledger, "signature").hits

    assert "\u202e" not in hit.says + hit.excerpt


def test_the_newest_are_shown_in_the_order_of_the_ledger(ledger: Path) -> None:
    result = found(ledger, "heal", limit=2)

    assert [hit.seq for hit in result.hits] == [3, 4]
    assert result.total == 4


@pytest.mark.parametrize("word", ["", "--", "*", '"'])
def test_a_word_without_a_letter_is_refused(ledger: Path, word: str) -> None:
    with pytest.raises(ConfigurationError, match="give a word or a number"):
        found(ledger, word)


def test_what_another_version_wrote_is_found_by_its_details(path: Path) -> None:
    with closing(connect(path, 0)) as db:
        View(db).append(draft("key-1", kind="tea.made", body='{"kind":"tea.made","of":"mint"}'))
    (hit,) = found(path, "mint").hits

    assert (hit.says, hit.excerpt) == ("tea.made", "tea.made · «mint»")


def test_a_search_changes_nothing(ledger: Path) -> None:
    before = hashlib.sha256(ledger.read_bytes()).digest()
    found(ledger, "fire")

    assert hashlib.sha256(ledger.read_bytes()).digest() == before


async def test_a_ledger_that_is_in_use_can_be_searched(writer: Writer, path: Path) -> None:
    fact = Halted(by="U1", why="tests")
    await writer.do(lambda db: View(db).append(draft("key-1", kind=fact.kind, body=fact.body)))

    assert found(path, "tests").total == 1


def test_something_else_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"not a database, " * 500)
    with pytest.raises(ConfigurationError, match="cannot be read as a ledger"):
        found(tmp_path / "other.db", "fire")
