"""Ledgers that earlier versions of Heal wrote, as SQL: upgrades are tested with each of them."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

KEPT = sorted(Path(__file__).parent.glob("*.sql.gz"))
"""By the day and the commit that wrote it: `python -m tests.store.ledgers` writes one more."""


def load(kept: Path, to: Path) -> None:
    """Make the file again as that version left it."""
    with closing(sqlite3.connect(to)) as conn:
        conn.executescript(gzip.decompress(kept.read_bytes()).decode())


def keep(file: Path, to: Path) -> None:
    """Write a ledger's file down as it lies there."""
    with closing(sqlite3.connect(file)) as conn:
        text = "\n".join(conn.iterdump())
    to.write_bytes(gzip.compress(text.encode(), mtime=0))
