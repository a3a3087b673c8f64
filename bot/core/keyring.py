"""Keyring: which key may have signed which checkpoint, from the turns that the ledger recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.core import note
from bot.core.checkpoint import Signed
from bot.core.facts import CheckpointKey
from bot.core.note import Check, Key, Note

HANDOVER = "heal checkpoint key handover"


class Turn(NamedTuple):
    """
    The time of one key: it signs checkpoints of at least `begins` entries, and of less than `ends`.

    `begins` is the place of the entry that recorded it. `agreed` says that the key before it, and
    it, signed the handing over.
    """

    key: Key
    begins: int
    ends: int | None
    agreed: bool


def handover(old: Key, new: Key) -> str:
    """The text that both keys sign when one takes the other's turn."""
    return f"{HANDOVER}\n{old.written}\n{new.written}\n"


def agreed(old: Key, new: Key, text: str, check: Check) -> bool:
    """Whether this is that text with both their signatures."""
    try:
        signed = note.read(text)
    except ValueError:
        return False
    same = old.name == new.name and signed.text == handover(old, new)
    return same and signed.signed_by(old, check) and signed.signed_by(new, check)


def turns(recorded: Iterable[tuple[int, CheckpointKey]], check: Check) -> list[Turn]:
    """The turns in their order, from the place of each entry and what it says."""
    found = list[Turn]()
    for seq, fact in recorded:
        try:
            key = Key.read(fact.key)
        except ValueError:
            continue
        before = found[-1].key if found else None
        if found:
            found[-1] = found[-1]._replace(ends=seq)
        holds = before is not None and agreed(before, key, fact.handover, check)
        found.append(Turn(key, seq, None, holds))
    return found


class Keyring:
    """
    Who may have signed what, for somebody who trusts certain keys, or the ledger itself.

    From a trusted key the turns are followed both ways, as far as the keys agreed. Without any,
    every key that the ledger recorded is believed: that shows whether the ledger fits its
    checkpoints, and not whose they are.
    """

    def __init__(self, turns: Sequence[Turn], trusted: Sequence[Key], check: Check) -> None:
        self._check = check
        self._turns = turns
        self._trusted = tuple(trusted)
        self._followed = _followed(turns, trusted) if trusted else list(turns)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key that counts here, each once."""
        return tuple(dict.fromkeys([*self._trusted, *(turn.key for turn in self._followed)]))

    def why_not(self, signed: Signed) -> str:
        """Why this checkpoint does not count; empty when it does."""
        origin, size, _ = signed.checkpoint
        able = [key for key in self.keys if key.name == origin]
        if not able:
            known = ", ".join(sorted({key.name for key in self.keys})) or "nobody"
            return f"it is of {origin}, and the keys here are of {known}"
        signers = [key for key in able if signed.note.signed_by(key, self._check)]
        if not signers:
            return f"no key that counts here signed it: {_claims(signed.note)}"
        held = [turn for turn in self._turns if turn.key in signers]
        in_time = [turn for turn in held if _in_time(turn, size)]
        if held and not in_time:
            last = held[-1]
            until = f" and less than {last.ends}" if last.ends else ""
            return (f"the key {last.key.id.hex()} signed it out of its turn, which covers "
                    f"checkpoints of at least {last.begins} entries{until}")  # fmt: skip
        return ""


def _followed(turns: Sequence[Turn], trusted: Sequence[Key]) -> list[Turn]:
    """The turns of trusted keys, and those next to them as long as each handed over to the next."""
    counts = [turn.key in trusted for turn in turns]
    for at in range(1, len(turns)):
        counts[at] = counts[at] or (counts[at - 1] and turns[at].agreed)
    for at in reversed(range(1, len(turns))):
        counts[at - 1] = counts[at - 1] or (counts[at] and turns[at].agreed)
    return [turn for turn, one in zip(turns, counts, strict=True) if one]


def _in_time(turn: Turn, size: int) -> bool:
    return turn.begins <= size and (turn.ends is None or size < turn.ends)


def _claims(signed: Note) -> str:
    said = ", ".join(f"{one.name} {one.id.hex()}" for one in signed.signatures)
    return f"it says that it is by {said}"
