"""
How long a long ledger takes to verify: `python -m tests.millions [ENTRIES]`, a million unless told.

It is made of the stories of the cards, over and over, chained as the product does it. Chain, tree
and a signed checkpoint are verified, beside what nobody can go below: reading the rows, and SHA-256
over the same octets in one go a row. Seconds are those of one processor.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count, islice
from pathlib import Path

from bot.clients import signing
from bot.clients.signing import Signer
from bot.core import witnessed
from bot.core.keyring import Keyring
from bot.core.transcript import Draft
from bot.store import reading, verifying
from bot.store.file import connect
from bot.store.view import COLUMNS, View
from tests import builders
from tests.slack.cards import stories

KEY = Signer("ledger.test", b"1" * 32)
TURNS = 3
LONGEST = 100
"""Entries of a story: a storm of alerts would be most of the ledger, and is short lines only."""


def drafts() -> Iterator[Draft]:
    """The entries of all stories but the storms, again and again, each time of another incident."""
    every = [builders.entries(*story()) for story in stories.STORIES.values()]
    told = [entry for story in every if len(story) <= LONGEST for entry in story]
    for turn in count():
        for number, entry in enumerate(told):
            yield Draft(
                at=entry.at, incident=f"{entry.incident}-{turn}", actor=entry.actor,
                kind=entry.kind, key=f"{turn}:{number}", body=entry.body,
            )  # fmt: skip


def write(path: Path, entries: int) -> None:
    with closing(connect(path, 0)) as db:
        view = View(db)
        db.execute("begin")
        for draft in islice(drafts(), entries):
            view.append(draft)
            view.added.clear()
        db.execute("commit")


def rows(path: Path) -> None:
    """Read every column of every row."""
    with closing(reading.read_only(path)) as conn:
        conn.text_factory = bytes
        found = conn.execute(f"select {COLUMNS} from entry order by seq")
        while found.fetchmany(128):
            pass


def hashes(path: Path) -> float:
    """Hash the octets of every row, read before: only the hashing counts."""
    whole = "at || incident || actor || kind || key || body || prev"
    took = 0.0
    with closing(sqlite3.connect(path)) as conn:
        conn.text_factory = bytes
        found = conn.execute(f"select {whole} from entry order by seq")
        while page := found.fetchmany(1000):
            began = time.process_time()
            for (octets,) in page:
                hashlib.sha256(octets).digest()
            took += time.process_time() - began
    return took


def verified(path: Path, entries: int, root: bytes) -> None:
    signed = KEY.checkpoint(entries, root)
    report = verifying.verify(path, sizes=[entries])
    ring = Keyring((), (KEY.public,), signing.check)
    [found] = witnessed.compared([signed], ring, report.count, report.broken, report.roots)
    assert report.sound, report.line
    assert not found.wrong, found.line


def took(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def main(entries: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heal.db"
        write(path, entries)
        size = path.stat().st_size / entries
        root = verifying.verify(path, sizes=[entries]).roots[entries]
        print(f"{entries:,} entries, {size:.0f} bytes each in the file; the best of {TURNS} turns")
        read = min(took(lambda: rows(path)) for _ in range(TURNS))
        hashed = min(hashes(path) for _ in range(TURNS))
        ours = min(took(lambda: verified(path, entries, root)) for _ in range(TURNS))
        print(f"  reading the rows                 {read:6.2f} s")
        print(f"  SHA-256 over the same octets     {hashed:6.2f} s")
        print(f"  chain, tree and checkpoint       {ours:6.2f} s   {ours / (read + hashed):.2f} x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
