"""A view reads and appends inside one transaction."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core import chain
from bot.store import view as view_
from bot.store.file import connect
from bot.store.ledger import Ledger
from bot.store.view import JOINED, View
from tests.store.drafts import draft


async def test_nothing_comes_between_reading_and_appending(ledger: Ledger) -> None:
    def next_number(view: View) -> int:
        number = len(view.of("count"))
        view.append(draft(f"count-{number}", incident="count"))
        return number

    numbers = await asyncio.gather(*(ledger.transaction(next_number) for _ in range(40)))

    assert list(range(40)) == sorted(numbers)


async def test_the_first_of_a_kind_is_the_oldest(ledger: Ledger) -> None:
    for key, kind in (("a", "x"), ("b", "y"), ("c", "y")):
        await ledger.append(draft(key, kind=kind))

    first = await ledger.transaction(lambda view: view.first("inc-1", "y"))
    none = await ledger.transaction(lambda view: view.first("inc-2", "y"))

    assert first is not None
    assert (first.key, none) == ("b", None)


async def test_a_brief_transcript_has_the_first_and_the_last_alerts_and_all_else(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_, "ENDS", 2)
    kinds = ["incident.opened", *[JOINED] * 4, "plan.made", *[JOINED] * 3, "incident.closed"]
    for number, kind in enumerate(kinds):
        await ledger.append(draft(f"key-{number}", kind=kind))
        await ledger.append(draft(f"other-{number}", kind=kind, incident="inc-2"))

    whole, brief = await ledger.of("inc-1"), await ledger.brief("inc-1")
    told = [entry.key.removeprefix("key-") for entry in brief.entries]
    without = [entry.kind for entry in await ledger.of("inc-1", JOINED)]

    assert told == ["0", "1", "2", "5", "7", "8", "9"]
    assert len(brief.entries) + brief.left_out == len(whole) == 10
    assert without == ["incident.opened", "plan.made", JOINED, "incident.closed"]


@pytest.mark.parametrize("count", range(6))
async def test_a_transcript_of_few_alerts_is_whole(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(view_, "ENDS", 2)
    for number in range(count):
        await ledger.append(draft(f"key-{number}", kind=JOINED))
    entries, left_out = await ledger.brief("inc-1")

    assert (len(entries), left_out) == ((count, 0) if count < 5 else (4, 1))


WORDS = st.text(min_size=1, max_size=20)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=5, unique_by=lambda row: row[0]))
def test_any_text_is_read_back_as_it_was_written(
    tmp_path: Path, texts: list[tuple[str, str, str]]
) -> None:
    path = tmp_path / "heal.db"
    path.unlink(missing_ok=True)
    with closing(connect(path, 0)) as db:
        view = View(db)
        for key, kind, body in texts:
            view.append(draft(key, kind=kind, body=body))
        entries = view.after(0)

    assert entries == view.added
    assert chain.first_break(map(chain.row, entries)) is None
