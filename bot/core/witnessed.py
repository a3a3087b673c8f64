"""Witnessed: what checkpoints that were kept elsewhere say of a ledger that was walked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.core.chain import Break
from bot.core.checkpoint import Signed
from bot.core.keyring import Keyring


class Finding(NamedTuple):
    """What one checkpoint says; `wrong` is empty when the ledger is as it was signed."""

    signed: Signed
    wrong: str

    @property
    def line(self) -> str:
        """The finding in one line, for people."""
        size = self.signed.checkpoint.size
        said = self.wrong or "the ledger holds exactly what was signed, in its order"
        return f"checkpoint of {size} entries: {said}"


def compared(
    kept: Sequence[Signed],
    ring: Keyring,
    count: int,
    broken: Break | None,
    roots: Mapping[int, bytes],
) -> list[Finding]:
    """
    Compare each with the first `count` entries, which hold, and the roots of the tree over them.

    Those with a wrong signature say nothing of the ledger, and are told apart. By the others a
    ledger that was written anew is placed between the last that fits and the first that does not.
    """
    counts = {one: ring.why_not(one) for one in kept}
    heard = [one.checkpoint for one in kept if not counts[one]]
    fits = [one.size for one in heard if roots.get(one.size) == one.root]
    return [
        Finding(one, f"refused: {why}" if why else _against(one, count, broken, roots, fits))
        for one, why in counts.items()
    ]


def _against(
    one: Signed, count: int, broken: Break | None, roots: Mapping[int, bytes], fits: Sequence[int]
) -> str:
    size, root = one.checkpoint.size, one.checkpoint.root
    if roots.get(size) == root:
        return ""
    if size <= count and size not in roots:
        return "cannot be compared, for what it covers is sealed in a file that is not here"
    if size > count and broken is not None:
        return f"cannot be compared, for the chain is broken at entry {broken.seq}"
    if size > count:
        return f"entries {count + 1} to {size} are missing: the ledger was cut off behind {count}"
    if any(later >= size for later in fits):
        return ("two histories were signed: a checkpoint of as many entries or more fits the "
                "ledger, and this one does not")  # fmt: skip
    first = max(fits, default=0) + 1
    where = f"entry {size}" if first == size else f"an entry from {first} to {size}"
    return f"the ledger was written anew: {where} is not the one that was signed"


def sizes(kept: Iterable[Signed]) -> set[int]:
    """At which lengths of the ledger the root is wanted."""
    return {one.checkpoint.size for one in kept}
