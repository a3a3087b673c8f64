"""Tiles: the hashes of whole parts of the ledger's tree, so that a proof takes no hash of all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import overload

from bot.core import merkle
from bot.core.merkle import Frontier, Tree

WIDTH = 1024
"""Entries of a part; a power of two."""
AT_ONCE = 100
"""Parts that are added in one go: a tenth of a second."""
SIGNED = """
    select coalesce(max(size), 0) from checkpoint
"""
HASHES = "select hash from entry where seq > ? and seq <= ? order by seq"


def add(conn: sqlite3.Connection, ledger: sqlite3.Connection) -> None:
    """Add the parts that are whole within what was signed; none of what is sealed elsewhere."""
    named = "select 1 from sqlite_schema where type = 'table' and name = 'checkpoint'"
    if ledger.execute(named).fetchone() is None:
        return
    ((size,),) = ledger.execute(SIGNED)
    ((first,),) = conn.execute("select coalesce(max(number) + 1, 0) from tile")
    for number in range(first, min(first + AT_ONCE, size // WIDTH)):
        if (part := _part(ledger, number)) is None:
            return
        conn.execute("insert into tile values (?, ?)", [number, part])


def tree(conn: sqlite3.Connection, ledger: sqlite3.Connection, size: int) -> Tree:
    """The tree of the first `size` entries; its leaves are read where a proof takes them."""
    known = {
        (number * WIDTH, (number + 1) * WIDTH): hashed
        for number, hashed in conn.execute("select number, hash from tile")
    }
    return Tree(_Leaves(ledger, size), known=known)


def _part(ledger: sqlite3.Connection, number: int) -> bytes | None:
    span = [number * WIDTH, (number + 1) * WIDTH]
    hashes = [bytes.fromhex(found) for (found,) in ledger.execute(HASHES, span)]
    if len(hashes) != WIDTH:
        return None
    whole = Frontier()
    whole.extend(hashes)
    return whole.root


class _Leaves(Sequence[bytes]):
    """All leaves, of which a part is read when one of it is asked for; KeyError for one away."""

    def __init__(self, ledger: sqlite3.Connection, size: int) -> None:
        self._ledger = ledger
        self._size = size
        self._block = lru_cache(maxsize=64)(self._read)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(self._size))]
        return self._block(at // merkle.BLOCK)[at]

    def _read(self, block: int) -> dict[int, bytes]:
        low = block * merkle.BLOCK
        sql = "select seq, hash from entry where seq > ? and seq <= ?"
        found = self._ledger.execute(sql, [low, low + merkle.BLOCK])
        return {seq - 1: merkle.leaf(bytes.fromhex(hashed)) for seq, hashed in found}
