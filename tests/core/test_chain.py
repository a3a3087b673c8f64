"""The chain notices every edit, loss and swap, and says where."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import chain
from bot.core.chain import Break, Head, Row
from bot.core.transcript import Draft, Entry

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def draft(key: str, *, at: datetime = NOON, actor: str = "heal", body: str = "{}") -> Draft:
    return Draft(at=at, incident="inc-1", actor=actor, kind="step.ended", key=key, body=body)


def written(count: int) -> list[Row]:
    rows, prev = [], chain.GENESIS
    for seq in range(1, count + 1):
        one = draft(f"key-{seq}")
        hashed = chain.link(prev, seq, one)
        rows.append(chain.row(Entry(seq=seq, prev=prev, hash=hashed, **asdict(one))))
        prev = hashed
    return rows


def test_a_chain_that_was_not_touched_has_no_break() -> None:
    assert chain.first_break(written(50)) is None


def test_an_empty_ledger_has_no_break() -> None:
    assert chain.first_break([]) is None


@given(
    place=st.integers(0, 9),
    column=st.integers(1, 8),
    said=st.text(min_size=1, max_size=3),
)
def test_an_edit_of_any_column_is_found_at_its_row(place: int, column: int, said: str) -> None:
    rows = written(10)
    rows[place] = Row(*(*rows[place][:column], said, *rows[place][column + 1 :]))  # type: ignore[arg-type]

    found = chain.first_break(rows)

    assert found is not None
    assert place + 1 == found.seq


@pytest.mark.parametrize("place", [0, 4])
def test_a_missing_row_is_found_where_it_should_stand(place: int) -> None:
    rows = written(10)
    del rows[place]

    why = f"entry {place + 1} is missing: the next one found is {place + 2}"

    assert Break(place + 1, why) == chain.first_break(rows)


def test_two_swapped_rows_are_found_at_the_first_of_them() -> None:
    rows = written(10)
    rows[3], rows[4] = rows[4]._replace(seq=4), rows[3]._replace(seq=5)

    found = chain.first_break(rows)

    assert found is not None
    assert found.seq == 4


def test_a_row_with_something_other_than_text_is_found() -> None:
    rows = written(3)
    rows[1] = rows[1]._replace(body=b"{}")  # type: ignore[arg-type]

    assert Break(2, "a field of it is not text") == chain.first_break(rows)


def test_a_cut_tail_shows_only_against_a_remembered_head() -> None:
    rows = written(10)
    head = Head(10, rows[-1].hash)

    assert chain.first_break(rows[:7]) is None
    assert chain.first_break(rows, head) is None
    assert Break(8, "the ledger ends here, but entry 10 was remembered") == chain.first_break(
        rows[:7], head
    )


def test_a_history_that_was_written_anew_shows_against_a_remembered_head() -> None:
    found = chain.first_break(written(10), Head(6, "ab" * 32))

    assert found is not None
    assert found.seq == 6


def test_moving_a_letter_from_one_field_to_the_next_changes_the_hash() -> None:
    one = draft("ab", body="c")
    two = draft("a", body="bc")

    assert chain.link(chain.GENESIS, 1, one) != chain.link(chain.GENESIS, 1, two)


def test_the_same_moment_in_another_zone_hashes_the_same() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert chain.link(chain.GENESIS, 1, draft("k", at=NOON)) == chain.link(
        chain.GENESIS, 1, draft("k", at=there)
    )


def test_the_hash_of_a_known_entry_never_changes() -> None:
    known = chain.link(chain.GENESIS, 1, draft("k", body='{"a":1}'))

    assert known == "3f0df50a90ca0357f98408210b6b0c56c67521997668adeaa1b13c3d13c05cd5"
