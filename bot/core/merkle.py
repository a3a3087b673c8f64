"""
Merkle: one hash that stands for a whole list, and short proofs of what is in it, as in RFC 6962.

Leaves and nodes are hashed behind different first bytes, so that none passes for the other. All
hashes are SHA-256, 32 bytes. A place in the list is counted from 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

BLOCK = 64
"""Leaves of the smallest part of a tree whose hash is remembered between two proofs."""
_sha256 = hashlib.sha256


def leaf(octets: bytes) -> bytes:
    """Hash one thing of the list."""
    return _sha256(b"\0" + octets).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours together."""
    return _sha256(b"\1" + left + right).digest()


class Frontier:
    """
    The edge of a growing tree: all that it takes to go on with it, and to tell its root.

    `peaks` are the hashes of its full parts, the largest first: one for each bit of `size`, so
    never more than 64. ValueError when they are not so many.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)
        if size < 0 or size.bit_count() != len(self._peaks):
            raise ValueError(f"{len(self._peaks)} hashes are no frontier of {size} leaves")

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `written` wrote; ValueError when it is something else."""
        size, *peaks = text.split(" ")
        octets = [bytes.fromhex(peak) for peak in peaks if len(peak) == 64]
        if not size.isdecimal() or len(octets) != len(peaks):
            raise ValueError("that is no frontier")
        return cls(int(size), octets)

    @property
    def written(self) -> str:
        """The same as text: its size, then each peak in hexadecimal digits."""
        return " ".join([str(self.size), *(peak.hex() for peak in self._peaks)])

    @property
    def peaks(self) -> tuple[bytes, ...]:
        return tuple(self._peaks)

    def add(self, hashed: bytes) -> None:
        """Take one more leaf, already hashed by `leaf`."""
        peaks, full = self._peaks, self.size
        while full & 1:
            hashed = node(peaks.pop(), hashed)
            full >>= 1
        peaks.append(hashed)
        self.size += 1

    def extend(self, octets: Sequence[bytes]) -> None:
        """Take these, not hashed yet, in their order; much faster than one by one."""
        hashed = [_sha256(b"\0" + each).digest() for each in octets]
        start = 0
        while start < len(hashed):
            width = _widest(self.size, len(hashed) - start)
            self._add_full(_fold(hashed[start : start + width]), width)
            start += width

    @property
    def root(self) -> bytes:
        """The hash of the whole list as it is now."""
        return _together(self._peaks)

    def _add_full(self, hashed: bytes, width: int) -> None:
        """Take the hash of `width` leaves at once; both are where such a part begins."""
        full = self.size // width
        while full & 1:
            hashed = node(self._peaks.pop(), hashed)
            full >>= 1
        self._peaks.append(hashed)
        self.size += width


class Tree:
    """
    A tree whose leaves are at hand: it gives the proofs that `Frontier` cannot.

    `leaves` are hashed by `leaf`. What came before them may be away: then `under` is the frontier
    of that, and only what is asked about the rest can be answered; KeyError for anything else.
    `known` are hashes of parts, by the range of leaves that each stands for.
    """

    def __init__(
        self,
        leaves: Sequence[bytes],
        under: Frontier | None = None,
        known: Mapping[tuple[int, int], bytes] = {},
    ) -> None:
        self._leaves = leaves
        self._away = under.size if under else 0
        self.size = self._away + len(leaves)
        self._known = dict(known) | (_parts(under) if under else {})

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return self._hash(0, size) if size else Frontier().root

    def inclusion(self, place: int, size: int) -> list[bytes]:
        """Prove that the leaf at `place` is in the tree of the first `size`; the lowest first."""
        if not 0 <= place < size <= self.size:
            raise KeyError(f"there is no leaf {place} of {size}")
        path, low, high = list[bytes](), 0, size
        while high - low > 1:
            middle = low + _below(high - low)
            if place < middle:
                path.append(self._hash(middle, high))
                high = middle
            else:
                path.append(self._hash(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, first: int, size: int) -> list[bytes]:
        """Prove that the tree of `size` leaves begins with the tree of the `first` of them."""
        if not 0 < first <= size <= self.size:
            raise KeyError(f"there are no {first} of {size} leaves")
        path, low, high = list[bytes](), 0, size
        while first != high:
            middle = low + _below(high - low)
            if first <= middle:
                path.append(self._hash(middle, high))
                high = middle
            else:
                path.append(self._hash(low, middle))
                low = middle
        return ([self._hash(low, high)] if low else []) + path[::-1]

    def _hash(self, low: int, high: int) -> bytes:
        if (known := self._known.get((low, high))) is not None:
            return known
        if high - low == 1:
            if low < self._away:
                raise KeyError(f"leaf {low} is away")
            return self._leaves[low - self._away]
        middle = low + _below(high - low)
        hashed = node(self._hash(low, middle), self._hash(middle, high))
        if high - low >= BLOCK:
            self._known[low, high] = hashed
        return hashed


def root_by_inclusion(hashed: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes:
    """Compute the root that a proof of inclusion leads to; ValueError when it cannot be one."""
    if not 0 <= place < size:
        raise ValueError(f"there is no leaf {place} in a tree of {size}")
    at, last = place, size - 1
    for beside in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if at & 1 or at == last:
            hashed = node(beside, hashed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            hashed = node(hashed, beside)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return hashed


def consistent(
    first: int, first_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a proof shows that the tree of `size` begins with the one of `first` leaves."""
    if first == size:
        return not path and first_root == root
    if not 0 < first < size or not path:
        return False
    at, last = first - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old, *rest = path if at else (first_root, *path)
    new = old
    for beside in rest:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(beside, old), node(beside, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == root


def _below(size: int) -> int:
    """Find the largest power of two that is smaller than `size`: where a tree is parted."""
    return 1 << ((size - 1).bit_length() - 1)


def _widest(size: int, left: int) -> int:
    """Find the largest full part that may begin behind `size` leaves when `left` more are there."""
    fits: int = 1 << (left.bit_length() - 1)
    return min(fits, size & -size) if size else fits


def _fold(hashed: list[bytes]) -> bytes:
    """Hash a full part, level by level."""
    sha256 = _sha256
    while len(hashed) > 1:
        pairs = iter(hashed)
        hashed = [
            sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)
        ]
    return hashed[0]


def _together(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return _sha256().digest()
    hashed = peaks[-1]
    for peak in peaks[-2::-1]:
        hashed = node(peak, hashed)
    return hashed


def _parts(frontier: Frontier) -> dict[tuple[int, int], bytes]:
    """Each peak by the range of leaves that it stands for."""
    found, low = dict[tuple[int, int], bytes](), 0
    widths = (1 << bit for bit in reversed(range(64)) if frontier.size >> bit & 1)
    for width, peak in zip(widths, frontier.peaks, strict=True):
        found[low, low + width] = peak
        low += width
    return found
