"""
Cutting: which old entries a ledger can do without, and a sealed copy of them, proved.

Nothing is changed by it. What stays is what Heal still decides by: incidents that are not over,
all that people ordered for the house, of every run how it began and ended, what counts for a
runbook's next stage, and the whole of runs that did not last.
"""

from __future__ import annotations

import hashlib
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bot.core import lifecycle
from bot.core.chain import GENESIS, Head, stamp
from bot.core.facts import LedgerSealed
from bot.core.lifecycle import Event, State
from bot.core.merkle import Frontier
from bot.store import copying, reading, segments
from bot.store.course import Course
from bot.store.view import COLUMNS

PAGE = 2000
GONE_OF_HOUSE = ("door.refused",)
"""Entries of no incident that may be very many, and that nothing is decided by."""
STAYS = (
    *("incident.opened", "runbook.chosen", "plan.shown", "approval.decided", "run.started"),
    *("run.verified", "run.reviewed", "incident.closed"),
)
"""Of an incident that ran, or that counts for a stage: what limits, breakers and tallies count."""
SCHEMA = """
    pragma segment.journal_mode = off;
    pragma segment.synchronous = off;
    create table segment.extract (
        made_at text not null, chosen text not null, entries integer not null,
        head_seq integer not null, head_hash text not null
    ) strict;
    create table segment.entry (
        seq integer primary key, at text not null, incident text not null, actor text not null,
        kind text not null, key text not null unique, body text not null, prev text not null,
        hash text not null
    ) strict;
    create index segment.entry_by_incident on entry (incident, kind);
    create table segment.exhibit (key text primary key, octets blob not null) strict;
"""
"""
That of an extract, which a segment is: it can be verified and read by itself. Until it is waited
for and verified it is nothing, so its pages need no journal.
"""
EXHIBITS = """
    select key, octets from main.exhibit where key in (
        select key from main.entry where kind = 'evidence.kept' and seq between ? and ?)
"""
OVER = """
    select opened.incident,
        (select json_extract(body, '$.event') from entry where incident = opened.incident
            and kind = 'incident.closed' and at < :before),
        exists (select 1 from entry where incident = opened.incident
            and kind = 'incident.came_back'),
        exists (select 1 from entry where incident = opened.incident and kind = 'run.started'),
        exists (select 1 from entry where incident = opened.incident
            and kind in ('plan.shown', 'approval.decided'))
    from entry as opened
    where opened.kind = 'incident.opened' and opened.seq <= :upto and not exists (
        select 1 from entry as late where late.incident = opened.incident and late.seq > :upto)
"""


class Cut(NamedTuple):
    """What would be sealed: the fact that says so, what leaves with it, and when that was asked."""

    seal: LedgerSealed
    leaving: array[int]
    incidents: frozenset[str]
    asked_at: int
    """The last entry then: whatever of these incidents came later forbids it."""


def cut(ledger: Path, part: Path, before: datetime, many: int, since: datetime) -> Cut | None:
    """
    Write a sealed copy of all entries older than `before`, and say what leaves the ledger with it.

    None when it is not worth a file: there are fewer than `many`, and none is older than `since`.
    Raises sqlite3.Error, OSError, or ValueError when the ledger does not hold.
    """
    part.unlink(missing_ok=True)
    with closing(reading.read_only(ledger)) as conn:
        known = segments.seals(conn)
        last = known[-1] if known else None
        first, upto = (last.upto if last else 0) + 1, _last_before(conn, before)
        if upto < first or not (upto - first + 1 >= many or _at(conn, first) < stamp(since)):
            return None
        conn.execute("attach ? as segment", [f"{part.absolute().as_uri()}?mode=rwc"])
        conn.executescript(SCHEMA)
        conn.execute("begin")
        (asked_at,) = conn.execute("select max(seq) from main.entry").fetchone()
        leaving, incidents = _leaving(conn, upto, before)
        if not leaving:
            return None
        _copy(conn, first, upto)
        stays, stay_hash = _stay(conn, upto, leaving)
        conn.execute("commit")
    course = _proved(part, last, upto)
    seal = LedgerSealed(
        first=first, upto=upto, head=course.head.hash, frontier=course.tree.written,
        file=f"{ledger.name}.{first}-{upto}.sealed", sha256=copying.digest(part),
        stays=stays, stay_hash=stay_hash,
    )  # fmt: skip
    return Cut(seal, leaving, incidents, asked_at)


def stay_hash(found: Iterator[tuple[int, str]]) -> tuple[int, str]:
    """Count entries and hash their places and hashes: what a seal says of those that stay."""
    count, hashed = 0, hashlib.sha256()
    for seq, one in found:
        hashed.update(f"{seq} {one}\n".encode())
        count += 1
    return count, hashed.hexdigest()


def _last_before(conn: sqlite3.Connection, before: datetime) -> int:
    """Find the last entry that is so old; about, where a clock was set back."""
    low, high = 0, conn.execute("select coalesce(max(seq), 0) from main.entry").fetchone()[0]
    while low < high:
        middle = (low + high + 1) // 2
        if _at(conn, middle) < stamp(before):
            low = middle
        else:
            high = middle - 1
    return int(low)


def _at(conn: sqlite3.Connection, seq: int) -> str:
    """When the entry was recorded; of one that is gone, the next one that is there."""
    sql = "select at from main.entry where seq >= ? order by seq limit 1"
    return str(conn.execute(sql, [seq]).fetchone()[0])


def _leaving(
    conn: sqlite3.Connection, upto: int, before: datetime
) -> tuple[array[int], frozenset[str]]:
    leaving, incidents = array("q"), set[str]()
    kinds = ", ".join(f"'{kind}'" for kind in STAYS)
    own = "select seq from main.entry where incident = ? and seq <= ?"
    over = conn.execute(OVER.replace(" entry", " main.entry"), {
        "upto": upto, "before": stamp(before)})  # fmt: skip
    for name, event, back, ran, counts in over:
        if event is None or back or (ran and not _lasted(event)):
            continue
        some = f"{own} and kind not in ({kinds})" if ran or counts else own
        gone = [seq for (seq,) in conn.execute(some, [name, upto])]
        leaving.extend(gone)
        incidents.update([name] if gone else [])
    for kind in GONE_OF_HOUSE:
        house = "select seq from main.entry where incident = '' and kind = ? and seq <= ?"
        leaving.extend(seq for (seq,) in conn.execute(house, [kind, upto]))
    return array("q", sorted(leaving)), frozenset(incidents)


def _lasted(event: str) -> bool:
    """Whether a run that was closed by this event needs no look at its whole story any more."""
    return lifecycle.end_of_run(Event(event)) not in {None, State.NOT_FIXED}


def _copy(conn: sqlite3.Connection, first: int, upto: int) -> None:
    """Write them page by page into the attached file, as they lie there."""
    copy = (
        f"insert into segment.entry ({COLUMNS}) select {COLUMNS} from main.entry "  # noqa: S608 - constants
        "where seq between ? and ?"
    )
    for low in range(first, upto + 1, PAGE):
        conn.execute(copy, [low, min(low + PAGE - 1, upto)])
    conn.execute(f"insert into segment.exhibit {EXHIBITS}", [first, upto])
    conn.execute(
        "insert into segment.extract select max(at), ?, count(*), max(seq), "
        "(select hash from segment.entry order by seq desc limit 1) from segment.entry",
        [f"sealed entries {first} to {upto}"],
    )


def _stay(conn: sqlite3.Connection, upto: int, leaving: array[int]) -> tuple[int, str]:
    gone = bytearray(upto + 1)
    for seq in leaving:
        gone[seq] = 1
    found = conn.execute("select seq, hash from main.entry where seq <= ? order by seq", [upto])
    return stay_hash((seq, one) for seq, one in found if not gone[seq])


def _proved(part: Path, last: LedgerSealed | None, upto: int) -> Course:
    """Wait until the disk has the file, then walk all of it."""
    part.chmod(0o400)
    copying.settle(part)
    with closing(segments.opened(part)) as conn:
        head = Head(last.upto, last.head) if last else Head(0, GENESIS)
        tree = Frontier.read(last.frontier) if last else None
        course = Course(conn, head=head, tree=tree)
        if (broken := course.walk()) or course.head.seq != upto:
            raise ValueError(f"what was copied does not hold: {broken or course.head}")
    return course
