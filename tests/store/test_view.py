"""A view reads and appends inside one transaction."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core import chain
from bot.store.file import connect
from bot.store.ledger import Ledger
from bot.store.view import View
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
