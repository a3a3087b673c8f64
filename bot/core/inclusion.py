"""Inclusion: the entries of one incident with the proof that a signed ledger holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import ValidationError

from bot.core import chain, checkpoint, facts, keyring, merkle
from bot.core.chain import Row
from bot.core.checkpoint import Signed
from bot.core.facts import CheckpointKey
from bot.core.keyring import Turn
from bot.core.note import Check
from bot.core.values import Frozen

KEY_KIND = "house.checkpoint_key"


class Proven(Frozen):
    """One entry as it lies in the ledger; `path` are the hashes up to the root, in hexadecimal."""

    seq: int
    at: str
    incident: str
    actor: str
    kind: str
    key: str
    body: str
    prev: str
    hash: str
    path: tuple[str, ...]


class Proof(Frozen):
    """
    All that it takes to check one incident without the ledger, but for a key that one trusts.

    Beside the incident's entries are those by which the keys of checkpoints took their turns.
    That no entry of it was left out is not proved: only who has the ledger can see that.
    """

    format: Literal["heal inclusion proof 1"] = "heal inclusion proof 1"
    incident: str
    checkpoint: str
    entries: tuple[Proven, ...]

    @property
    def told(self) -> tuple[Proven, ...]:
        """The entries of the incident itself."""
        return tuple(one for one in self.entries if one.incident == self.incident)

    def turns(self, check: Check) -> list[Turn]:
        """The turns of the keys that sign checkpoints, as far as they are in it."""
        return keyring.turns(recorded((one.seq, one.body) for one in self.entries
                                      if one.kind == KEY_KIND), check)  # fmt: skip


def prove(
    incident: str, rows: Iterable[Row], signed: Signed, path: Callable[[int, int], list[bytes]]
) -> Proof:
    """
    Put the proof together; `path` is `Tree.inclusion`, and the rows are all below its size.

    The rows are those of the incident and those of the kind `KEY_KIND`.
    """
    size = signed.checkpoint.size
    proven = (
        Proven(**row._asdict(), path=tuple(each.hex() for each in path(row.seq - 1, size)))
        for row in rows
    )
    return Proof(incident=incident, checkpoint=signed.text, entries=tuple(proven))


def why_not(proof: Proof) -> str:
    """Why it proves nothing, whoever signed the checkpoint; empty when every entry is in there."""
    try:
        signed = checkpoint.read(proof.checkpoint)
    except ValueError as error:
        return f"its checkpoint: {error}"
    if not proof.told:
        return f"it holds no entry of {proof.incident}"
    for entry in proof.entries:
        if entry.incident != proof.incident and entry.kind != KEY_KIND:
            return f"entry {entry.seq} is not of {proof.incident}"
        if why := _astray(entry, signed):
            return f"entry {entry.seq} {why}"
    return ""


def recorded(bodies: Iterable[tuple[int, str]]) -> list[tuple[int, CheckpointKey]]:
    """The keys that were recorded, from the places and bodies of entries of their kind."""
    found = list[tuple[int, CheckpointKey]]()
    for seq, body in bodies:
        try:
            fact = facts.read(body)
        except ValidationError:
            continue
        if isinstance(fact, CheckpointKey):
            found.append((seq, fact))
    return found


def _astray(entry: Proven, signed: Signed) -> str:
    row = Row(**entry.model_dump(exclude={"path"}))
    if (found := chain.hashed(row)) != entry.hash:
        return "is not what its hash says"
    leaf, size = merkle.leaf(bytes.fromhex(found)), signed.checkpoint.size
    try:
        path = [bytes.fromhex(each) for each in entry.path]
        root = merkle.root_by_inclusion(leaf, entry.seq - 1, size, path)
    except ValueError as error:
        return f"has no proof: {error}"
    return "" if root == signed.checkpoint.root else "is not in the ledger that was signed"
