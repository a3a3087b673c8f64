"""Covered: whether the entries of an extract are in a ledger as it was signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.core import checkpoint, inclusion, keyring, merkle
from bot.core.chain import Break, Row
from bot.core.checkpoint import Signed
from bot.core.extracts import Extract, Part
from bot.core.inclusion import KEY_KIND
from bot.core.keyring import Keyring
from bot.core.note import Check, Key


class Cover(NamedTuple):
    """What the checkpoint in an extract says; `line` is empty when there is none in it."""

    broken: Break | None
    line: str = ""


def cover(extract: Extract, trusted: Sequence[Key], check: Check) -> Cover:
    """
    Follow the proof of each entry, withheld ones too, and ask whose the signature is.

    Without a trusted key, those count that the extract itself holds: that shows that it is whole,
    not whose it is. Entries that came after the checkpoint are counted as not covered.
    """
    stated, parts = extract.stated, extract.parts
    if not stated.checkpoint:
        why = "no checkpoint is in it, so no key can be asked"
        return Cover(Break(stated.head.seq, why) if trusted else None)
    try:
        signed = checkpoint.read(stated.checkpoint)
    except ValueError as error:
        return Cover(Break(stated.head.seq, f"its checkpoint: {error}"))
    origin, size, _ = signed.checkpoint
    within = [part for part in parts if part.seq <= size]
    for part in within:
        if why := _astray(part, extract, signed):
            return Cover(Break(part.seq, why))
    bodies = ((one.seq, one.body) for one in parts if isinstance(one, Row) and one.kind == KEY_KIND)
    ring = Keyring(keyring.turns(inclusion.recorded(bodies), check), trusted, check)
    if why := ring.why_not(signed):
        return Cover(Break(size, why))
    held = f"{len(within)} of {len(parts)} entries"
    line = f"{held} are proved to be in the ledger of {origin} as it was signed with {size}"
    own = "" if trusted else "; by the key that it names itself: give the one you know with --key"
    return Cover(None, f"{line}{own}")


def _astray(part: Part, extract: Extract, signed: Signed) -> str:
    hashed = part.hash if isinstance(part, Row) else part.link.hash
    try:
        leaf = merkle.leaf(bytes.fromhex(hashed))
        path = [bytes.fromhex(each) for each in extract.stated.paths[part.seq]]
        root = merkle.root_by_inclusion(leaf, part.seq - 1, signed.checkpoint.size, path)
    except KeyError:
        return "it has no proof that it is in the ledger that was signed"
    except ValueError as error:
        return f"its proof is none: {error}"
    return "" if root == signed.checkpoint.root else "it is not in the ledger that was signed"
