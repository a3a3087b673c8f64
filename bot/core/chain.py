"""Chain: each line of the ledger carries the hash of all lines before it, so that an edit shows."""

from __future__ import annotations

import hashlib
from binascii import hexlify
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bot.core.transcript import Draft, Entry

GENESIS = "0" * 64
"""What the first entry names as its predecessor."""


class Row(NamedTuple):
    """An entry as it lies on disk: texts, perhaps tampered with, so nothing is believed yet."""

    seq: int
    at: str
    incident: str
    actor: str
    kind: str
    key: str
    body: str
    prev: str
    hash: str


class Head(NamedTuple):
    """The last entry's place and hash: whoever remembers it can prove that no tail was cut off."""

    seq: int
    hash: str


class Link(NamedTuple):
    """What is given away of an entry that is withheld: its place and hashes, not what it says."""

    seq: int
    prev: str
    hash: str


class Break(NamedTuple):
    """Where the chain is first wrong, and how."""

    seq: int
    why: str


def stamp(at: datetime) -> str:
    """
    Write a moment the one way that is hashed: UTC, microseconds, Z.

    >>> stamp(datetime(2026, 11, 20, 16, tzinfo=UTC))
    '2026-11-20T16:00:00.000000Z'
    """
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def link(prev: str, seq: int, draft: Draft) -> str:
    """Compute the hash that chains a draft, as entry `seq`, to `prev` (hex in, hex out)."""
    fields = (stamp(draft.at), draft.incident, draft.actor, draft.kind, draft.key, draft.body)
    return _digest(prev, str(seq), *fields)


def _digest(prev: str, *fields: str) -> str:
    """Hash fields each behind its length, so that no two lists of fields read the same."""
    framed = bytes.fromhex(prev)
    for octets in map(str.encode, fields):
        framed += len(octets).to_bytes(4, "big") + octets
    return hashlib.sha256(framed).hexdigest()


def chained(last: Head, draft: Draft) -> Row:
    """The row that records a draft behind the last entry."""
    seq, given = last.seq + 1, (draft.incident, draft.actor, draft.kind, draft.key, draft.body)
    at = stamp(draft.at)
    return Row(seq, at, *given, last.hash, _digest(last.hash, str(seq), at, *given))


def hashed(row: Row) -> str:
    """Compute the hash that a row should have; ValueError when a field of it cannot be hashed."""
    return _digest(row.prev, str(row.seq), *row[1:-2])


def row(entry: Entry) -> Row:
    """Take an entry apart the way that it is stored."""
    given = (entry.incident, entry.actor, entry.kind, entry.key, entry.body)
    return Row(entry.seq, stamp(entry.at), *given, entry.prev, entry.hash)


def entry(row: Row) -> Entry:
    """Put it together again; ValueError when it says no moment."""
    seq, at, incident, actor, kind, key, body, prev, hash_ = row
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError(f"entry {seq} is of no time zone: {at}")
    return Entry(
        at=moment, incident=incident, actor=actor, kind=kind, key=key, body=body, seq=seq,
        prev=prev, hash=hash_,
    )  # fmt: skip


class Walk:
    """
    One walk along the chain, row by row: `head` is the last sound one, `count` how many there were.

    In an extract entries may be left out. Each one still has to be what its own hash says, and
    to name the hash of the one before it wherever that is there; `gaps` counts where it is not.
    `met` says whether the remembered entry was passed, if one was given; `withheld` counts those
    of which only the hash is there.
    """

    def __init__(
        self,
        remembered: Head | None = None,
        *,
        extract: bool = False,
        start: Head = Head(0, GENESIS),
    ) -> None:
        self.head = start
        self.count = 0
        self.gaps = 0
        self.withheld = 0
        self.met = remembered is None
        self._remembered = remembered
        self._extract = extract

    def fault(self, row: Row) -> Break | None:
        """Say what is wrong with the next row, or step onto it."""
        seq, *fields, prev, written = row
        due, named = self.head.seq + 1, self.head.hash
        if self._extract and isinstance(seq, int) and seq > due:
            due, named = seq, prev
            self.gaps += 1
        if seq != due:
            return Break(due, f"entry {due} is missing: the next one found is {seq}")
        if prev != named:
            return Break(due, "it does not name the hash of the entry before it")
        try:
            hashed = _digest(prev, str(due), *fields)
        except (TypeError, ValueError):
            return Break(due, "a field of it is not text")
        if written != hashed:
            return Break(due, "its hash is not the hash of what it says")
        if self._remembered and self._remembered.seq == due:
            if self._remembered.hash != hashed:
                return Break(due, "it is not the entry that was remembered: history was rewritten")
            self.met = True
        self.head = Head(due, hashed)
        self.count += 1
        return None

    def over(self, link: Link) -> Break | None:
        """Say what is wrong with the place of a withheld entry, or step over it."""
        seq, known = link.seq, self._remembered
        if seq <= self.head.seq:
            return Break(self.head.seq + 1, f"entry {seq} is withheld in the wrong place")
        if seq > self.head.seq + 1:
            self.gaps += 1
        elif link.prev != self.head.hash:
            return Break(seq, "it does not name the hash of the entry before it")
        if known and known.seq == seq:
            if known.hash != link.hash:
                return Break(seq, "it is not the entry that was remembered: history was rewritten")
            self.met = True
        self.head = Head(seq, link.hash)
        self.withheld += 1
        return None

    def shortfall(self) -> Break | None:
        """At the end: say whether the chain stops before the remembered head."""
        if self._remembered is None or self._remembered.seq <= self.head.seq:
            return None
        last = self._remembered.seq
        return Break(self.head.seq + 1, f"the ledger ends here, but entry {last} was remembered")


Octets = tuple[int, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""A row with its texts as the octets that are hashed."""
_LONG = tuple(length.to_bytes(4, "big") for length in range(1024))
"""What stands before a field of so many octets, for the many that are short."""


class Strides:
    """
    The same walk with longer strides: it tells how far rows are sound, and leaves why to `Walk`.

    Verifying a million entries is little else, so nothing is made here that is not hashed.
    `head` is the last entry that is sound.
    """

    def __init__(self, remembered: Head | None = None, start: Head = Head(0, GENESIS)) -> None:
        self.head = start
        self._remembered = remembered

    def take(self, rows: Sequence[Octets]) -> list[bytes]:
        """Return the hashes of these rows, 32 bytes each, up to one that `Walk` has to look at."""
        seq, last = self.head.seq, self.head.hash.encode()
        prev, long, join, sha256 = bytes.fromhex(self.head.hash), _LONG, b"".join, hashlib.sha256
        hashes = list[bytes]()
        try:
            for number, at, incident, actor, kind, key, body, named, written in rows:
                seq += 1
                due = b"%d" % seq
                hashed = sha256(join((
                    prev, long[len(due)], due, long[len(at)], at, long[len(incident)], incident,
                    long[len(actor)], actor, long[len(kind)], kind, long[len(key)], key,
                    len(body).to_bytes(4, "big"), body,
                ))).digest()  # fmt: skip
                if number != seq or named != last or written != hexlify(hashed):
                    break
                prev, last = hashed, written
                hashes.append(hashed)
        except (TypeError, IndexError):
            pass  # a field that is no text, or unusually long
        return self._stand(hashes)

    def _stand(self, hashes: list[bytes]) -> list[bytes]:
        start, remembered = self.head.seq, self._remembered
        if remembered and start < remembered.seq <= start + len(hashes):
            place = remembered.seq - start - 1
            if hashes[place].hex() != remembered.hash:
                del hashes[place:]
        if hashes:
            self.head = Head(start + len(hashes), hashes[-1].hex())
        return hashes


def first_break(rows: Iterable[Row], remembered: Head | None = None) -> Break | None:
    """Walk rows in the order of `seq`; None means that every one of them is what was written."""
    walk = Walk(remembered)
    faults = (fault for fault in map(walk.fault, rows) if fault)
    return next(faults, None) or walk.shortfall()
