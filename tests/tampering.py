"""
Three ways to falsify a ledger behind its back, each of which `heal audit verify` must find.

Called by `.ci/run` with the ledger of the demo: `python tests/tampering.py LEDGER DIRECTORY`.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path


def byte(conn: sqlite3.Connection, seq: int) -> None:
    """One sign of what an entry says is another one."""
    conn.execute("update entry set body = replace(body, '}', ' }') where seq = ?", [seq])


def row(conn: sqlite3.Connection, seq: int) -> None:
    """An entry is gone, and those behind it moved up to hide the gap."""
    conn.execute("delete from entry where seq = ?", [seq])
    conn.execute("update entry set seq = -seq where seq > ?", [seq])
    conn.execute("update entry set seq = -seq - 1 where seq < 0")


def swap(conn: sqlite3.Connection, seq: int) -> None:
    """Two neighbours have changed places."""
    for old, new in ((seq, -1), (seq + 1, seq), (-1, seq + 1)):
        conn.execute("update entry set seq = ? where seq = ?", [new, old])


WAYS: tuple[Callable[[sqlite3.Connection, int], None], ...] = (byte, row, swap)


def falsify(ledger: Path, copy: Path, way: Callable[[sqlite3.Connection, int], None]) -> None:
    """Make a copy, take its triggers off as a forger would, and falsify the entry in the middle."""
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(copy)) as conn:
        source.backup(conn)
        for (name,) in conn.execute("select name from sqlite_schema where type = 'trigger'"):
            conn.execute(f'drop trigger "{name}"')
        (count,) = conn.execute("select count(*) from entry").fetchone()
        way(conn, count // 2)
        conn.commit()


def main(ledger: Path, directory: Path) -> int:
    """Return how many of the falsified copies passed for sound."""
    directory.mkdir(parents=True, exist_ok=True)
    unseen = 0
    for way in WAYS:
        copy = directory / f"{way.__name__}.db"
        falsify(ledger, copy, way)
        command = [sys.executable, "-m", "bot", "audit", "verify", "--ledger", str(copy)]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        found = ended.returncode == 1 and "broken at entry" in ended.stdout
        unseen += not found
        print(f"{'found' if found else 'NOT FOUND'}: {way.__name__}: {ended.stdout.strip()}")
    return unseen


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
