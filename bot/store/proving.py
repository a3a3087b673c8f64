"""Proving: what a ledger file gives for a proof, and which keys and checkpoints it knows."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.core import checkpoint, inclusion, merkle
from bot.core.chain import Row
from bot.core.checkpoint import Signed
from bot.core.errors import ConfigurationError
from bot.core.facts import CheckpointKey
from bot.core.inclusion import KEY_KIND, Proof
from bot.core.merkle import Tree
from bot.store import reading, segments
from bot.store.checkpoints import STANDS, Waiting
from bot.store.view import COLUMNS


def keys(path: Path, count: int = sys.maxsize) -> list[tuple[int, CheckpointKey]]:
    """The keys that the first `count` entries recorded, each with the place of its entry."""
    sql = "select seq, body from entry where incident = '' and kind = ? and seq <= ? order by seq"
    with reading.opened(path) as conn:
        return inclusion.recorded(conn.execute(sql, [KEY_KIND, count]))


def newest(path: Path) -> Signed | None:
    """The last checkpoint that Heal kept beside the ledger; None when there is none."""
    with reading.opened(path) as conn:
        if not _has_checkpoints(conn):
            return None
        found = conn.execute("select note from checkpoint order by size desc limit 1").fetchone()
        return checkpoint.read(found[0]) if found else None


def standing(path: Path) -> list[Waiting]:
    """How each sink that was ever used stands."""
    with reading.opened(path) as conn:
        return [Waiting(*row) for row in conn.execute(STANDS)] if _has_checkpoints(conn) else []


def proof(path: Path, incident: str, signed: Signed) -> Proof:
    """
    Prove that the entries of an incident are in the ledger as it was signed.

    Those that came later are left out. The file is not verified by that. Raises
    ConfigurationError when a sealed segment is not here.
    """
    size = signed.checkpoint.size
    of = f"select {COLUMNS} from entry where seq <= ? and (incident = ? or kind = ?) order by seq"  # noqa: S608 - constants
    with reading.whole(path) as conn:
        tree = _tree(conn, path, size)
        rows = map(Row._make, conn.execute(of, [size, incident, KEY_KIND]))
        return inclusion.prove(incident, rows, signed, tree.inclusion)


def paths(path: Path, places: Iterable[int], size: int) -> dict[int, tuple[str, ...]]:
    """Prove of each of these entries that it is among the first `size`; later ones are left out."""
    with reading.whole(path) as conn:
        tree = _tree(conn, path, size)
    return {
        place: tuple(each.hex() for each in tree.inclusion(place - 1, size))
        for place in places
        if place <= size
    }


def _tree(conn: sqlite3.Connection, path: Path, size: int) -> Tree:
    if away := segments.missing(conn):
        names = ", ".join(one.file for one in away)
        raise ConfigurationError(f"{names} is not beside {path}: a proof takes every hash")
    hashes = conn.execute("select hash from entry where seq <= ? order by seq", [size])
    return Tree([merkle.leaf(bytes.fromhex(found)) for (found,) in hashes])


def _has_checkpoints(conn: sqlite3.Connection) -> bool:
    """Extracts, and copies of an earlier version, have none."""
    named = "select 1 from sqlite_schema where type = 'table' and name = 'checkpoint'"
    return conn.execute(named).fetchone() is not None
