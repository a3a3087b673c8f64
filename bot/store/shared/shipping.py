"""Shipping: one commit in one statement, taken only from who acts and only behind the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from bot.clients.postgres import Session
from bot.core.chain import Row
from bot.store.shared.cargo import Cargo, Carried

_ENTRIES: LiteralString = """
    insert into heal_entry (seq, at, incident, actor, kind, key, body, prev, hash)
    select it.* from commit, unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[])
        as it (seq, at, incident, actor, kind, key, body, prev, hash)
    order by it.seq
"""
_ROWS: LiteralString = """
    insert into heal_row (tab, name, key, row, lsn)
    select it.*, commit.lsn from commit, unnest(%s::text[], %s::text[], %s::text[], %s::text[])
        as it (tab, name, key, row)
    on conflict (tab, name) do update set row = excluded.row, lsn = excluded.lsn
"""
_MINE: LiteralString = """
    seat as materialized (select epoch from heal_seat where epoch = %s for share),
    commit as (
        update heal_state set lsn = lsn + 1 where lsn = %s and exists (select from seat)
        returning lsn
    )
"""
_SHIP = f"with {_MINE}, entries as ({_ENTRIES}), rows as ({_ROWS}) select lsn from commit"  # noqa: S608 - ours
_PROVE = f"with {_MINE} select lsn from commit"  # noqa: S608 - ours
_ADD_ENTRIES = f"with commit as (select 1 as lsn) {_ENTRIES}"
_ADD_ROWS = f"with commit as (select 1 as lsn) {_ROWS}"


def ship(session: Session, epoch: int, lsn: int, cargo: Cargo) -> bool:
    """
    Commit this behind commit `lsn`; False when the seat or the last commit is not ours.

    Then nothing is done. Raises Refused and Away as ever.
    """
    values = [epoch, lsn, *_columns(cargo.entries), *_rows(cargo.rows)]
    return bool(session.rows(_SHIP, values))


def standing(session: Session) -> tuple[int, int]:
    """The epoch that acts, and the last commit."""
    ((epoch, lsn),) = session.rows("select epoch, lsn from heal_seat, heal_state")
    return epoch, lsn


def begin(session: Session, epoch: int) -> bool:
    """Make the first commit of an empty database, in a transaction that `add` goes on with."""
    return bool(session.rows(_PROVE, [epoch, 0]))


def add(session: Session, cargo: Cargo) -> None:
    """Add more to the first commit."""
    if cargo.entries:
        session.rows(_ADD_ENTRIES, _columns(cargo.entries))
    if cargo.rows:
        session.rows(_ADD_ROWS, _rows(cargo.rows))


def forget_gone(session: Session, upto: int) -> None:
    """Forget rows that are gone since this commit; whoever is not there yet is filled anew."""
    session.rows(
        "with old as (delete from heal_row where row is null and lsn <= %s) "
        "update heal_state set pruned = greatest(pruned, %s)",
        [upto, upto],
    )


def _columns(entries: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*entries, strict=True)] or [[] for _ in Row._fields]


def _rows(rows: Sequence[Carried]) -> list[list[Any]]:
    return [[it.tab for it in rows], [it.name for it in rows],
            [it.key for it in rows], [it.row for it in rows]]  # fmt: skip
