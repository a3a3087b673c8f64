"""
Putting back: a ledger from its backup, so that no life can mistake it for the present.

What happened after the backup was made is not in it. So the ledger that is put in place says so
in an entry of its own, healing is halted until a person lets it go on, and what had come in and
was not dealt with is not dealt with any more: it may have been, later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

from bot.core.chain import Head, stamp
from bot.core.checkpoint import Signed
from bot.core.errors import ConfigurationError
from bot.core.facts import Halted, LedgerRestored
from bot.core.facts.fact import Fact
from bot.core.transcript import Draft
from bot.store import copying, file, segments, verifying
from bot.store.lock import Lock
from bot.store.view import View

BY = "heal restore"
LEFT = "came in before the backup that was restored, and may have been dealt with after it was made"


def put_back(
    folder: Path,
    ledger: Path,
    now: datetime,
    remembered: Head | None = None,
    signed: Sequence[Signed] = (),
) -> LedgerRestored:
    """
    Put the ledger of a backup in its place.

    `remembered` is an end of it that was kept elsewhere, and `signed` are checkpoints that were;
    by whose key they are signed is not asked here.

    Raises ConfigurationError: when a ledger is there, when one is in use, when the backup is not
    sound or is of another history than what was remembered.
    """
    made = copying.read(folder)
    with ExitStack() as undo:
        undo.callback(Lock(ledger).release)
        there = [one for one in _around(ledger) if one.exists()]
        if there:
            raise ConfigurationError(
                f"{there[0]} is there: move it away with {ledger.name}-wal and -shm, and keep it: "
                "it may know what the backup does not"
            )
        part = ledger.with_name(f"{ledger.name}.restoring")
        try:
            for one in _around(part):
                one.unlink(missing_ok=True)
            copying.carry(folder / made.ledger, part)
            for one in segments.here(part, folder):
                _bring(one, ledger.with_name(one.name))
            lost = _lost(part, made, remembered, signed)
            fact = _marked(part, made, lost, now)
            copying.settle(part)
            part.rename(ledger)
            copying.settle(ledger.parent)
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"{ledger} cannot be put back: {error}") from error
    return fact


def _bring(segment: Path, to: Path) -> None:
    """Put a sealed segment beside the ledger, unless it survived there."""
    if not to.exists():
        copying.carry(segment, to)
        to.chmod(0o400)


def _around(path: Path) -> list[Path]:
    """A database, and what SQLite may have left beside it."""
    return [path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal"))]


def _lost(
    part: Path, made: copying.Backup, remembered: Head | None, signed: Sequence[Signed]
) -> int:
    """How many entries are known elsewhere and not in the backup; what is unsound is refused."""
    within = remembered if remembered and remembered.seq <= made.seq else None
    roots = {one.checkpoint.size: one.checkpoint.root for one in signed}
    report = verifying.verify(part, within, roots)
    if not report.sound or report.head != Head(made.seq, made.hash):
        raise ConfigurationError(f"the backup is {report.line}: nothing was put back")
    for size, root in roots.items():
        if report.roots.get(size, root) != root:
            raise ConfigurationError(
                f"the backup is of another history than the checkpoint of {size} entries: "
                "nothing was put back"
            )
    return max([made.seq, *roots, remembered.seq if remembered else 0]) - made.seq


def _marked(part: Path, made: copying.Backup, lost: int, now: datetime) -> LedgerRestored:
    """Record what it is, and leave undone what waited; all of it or nothing is written."""
    with closing(file.connect(part, 0)) as db:
        db.conn.execute("begin immediate")
        left = "update inbox set state = 'refused', note = ? where state = 'new'"
        unheard = db.conn.execute(left, [LEFT]).rowcount
        fact = LedgerRestored(made_at=made.made_at, lost=lost, unheard=unheard)
        why = f"{fact.says}; look at what is open, order anew what was ordered since, then resume"
        for one in (fact, Halted(by=BY, why=why)):
            View(db).append(_draft(one, now))
        db.conn.execute("commit")
        db.conn.execute("pragma wal_checkpoint(truncate)")
        db.conn.execute("pragma journal_mode = delete")
    return fact


def _draft(fact: Fact, now: datetime) -> Draft:
    key = f"{fact.kind}:{stamp(now)}"
    return Draft(at=now, incident="", actor="heal", kind=fact.kind, key=key, body=fact.body)
