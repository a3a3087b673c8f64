"""An incident as a page: its outcome first, for who is woken by it, then all of its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.core import chain, checkpoint, inclusion, outcome
from bot.core.chain import Head
from bot.core.inclusion import Proof
from bot.core.telling import book, document, why
from bot.core.telling.blocks import Block, Bullet, Heading, Prose, Verbatim, table
from bot.core.transcript import Entry

_MENTION = re.compile(r"<@(\w+)>")


class Story(NamedTuple):
    """What is known of an incident: its entries, how many alerts are left out, how they stand."""

    entries: Sequence[Entry]
    left_out: int
    head: Head
    """The last entry of the ledger at that moment."""
    astray: str
    """What is wrong with the hashes of its entries; empty when nothing is."""


def story(name: str, told: Story) -> Iterator[Block]:
    """All of it, as the transcript tells it, behind a few sentences; without its proof."""
    incident = book.folded(told.entries)
    if incident is None:
        yield Heading(1, name)
        yield Prose(f"Here is what lies in the ledger: {book.ANOTHER}.")
        rows = ((chain.stamp(one.at), str(one.seq), one.actor, book.said(one))
                for one in told.entries)  # fmt: skip
        yield table(("UTC", "Entry", "Who", "What"), rows)
        return
    blocks = document.story(incident, told.entries, told.left_out)
    yield next(blocks)
    yield Bullet(_MENTION.sub(r"\1", outcome.outcome(incident)))
    for part in why.why(incident)[1:]:
        if not part.folded and part.title.startswith(("Why ", "Who may", "Risk")):
            yield Bullet(f"{part.title}: {'; '.join(part.lines)}")
    yield from blocks


def standing(name: str, told: Story, proof: Proof | None, unproven: str = "") -> Iterator[Block]:
    """Where its entries are in the chain, and that a signed checkpoint holds them, checked now."""
    yield Heading(2, "Place in the ledger")
    if told.astray:
        yield Prose(
            f"NOT SOUND: {told.astray}. Run `heal audit verify` and keep this file as it is."
        )
    else:
        count = len(told.entries)
        yield Bullet(
            f"{count} entries: each is what its hash says, and follows the entry before it. "
            "That was checked when this page was made."
        )
    last = told.entries[-1]
    yield Bullet(f"The last one is entry {last.seq}, its hash:")
    yield Verbatim((last.hash,), indent=True)
    yield Bullet(f"The ledger ended with entry {told.head.seq}, its hash:")
    yield Verbatim((told.head.hash,), indent=True)
    yield from _proven(told, proof, unproven)
    yield Prose(
        "To verify the whole ledger: `heal audit verify`. For a file that proves itself to "
        f"outsiders: `heal audit export --incident {name} --to evidence.html`."
    )


def _proven(told: Story, proof: Proof | None, unproven: str) -> Iterator[Block]:
    if proof is None:
        why_not = unproven or "no checkpoint was signed yet that covers an entry of it"
        yield Bullet(f"Proof of inclusion: none. {why_not.capitalize()}.")
        return
    if wrong := inclusion.why_not(proof):
        yield Prose(f"NOT SOUND: {wrong}. Run `heal audit verify` and keep this file as it is.")
        return
    origin, size, root = checkpoint.read(proof.checkpoint).checkpoint
    later = sum(entry.seq > size for entry in told.entries)
    more = f" {later} came later and are covered by the next one." if later else ""
    yield Bullet(
        f"Proof of inclusion: {len(proof.told)} entries are in the ledger of {origin} as its "
        f"checkpoint of {size} entries says; the paths to its root were checked when this page "
        f"was made.{more} Its root:"
    )
    yield Verbatim((root.hex(),), indent=True)
