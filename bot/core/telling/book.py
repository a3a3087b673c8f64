"""Evidence: an extract of the ledger for people, with the entries that it was written from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from pydantic import ValidationError

from bot.core import chain, extracts, facts, folding, showcase
from bot.core.chain import Row
from bot.core.errors import IllegalTransition
from bot.core.exhibit import Exhibit
from bot.core.extracts import Extract, Part, Withheld
from bot.core.incident import Incident
from bot.core.telling import document
from bot.core.telling.blocks import Block, Bullet, Heading, Picture, Prose, Verbatim, table
from bot.core.telling.sentences import sentence
from bot.core.transcript import Entry

TITLE = "Evidence from the ledger of Heal"
LINES = "jsonl"
"""What the block of the entries is called, by which a reader finds it again."""
ANOTHER = "another version of Heal wrote it, or a part of it is not here"


def evidence(extract: Extract) -> Iterator[Block]:
    """Tell each incident, in the order in which they were opened, then the house; then prove it."""
    yield Heading(1, TITLE)
    yield table(("What", "Value"), _stated(extract))
    yield from _checking(extract)
    told: dict[str, list[Entry]] = {}
    for part in extract.parts:
        if (entry := _shown(part)) is not None:
            told.setdefault(entry.incident, []).append(entry)
    house = told.pop("", [])
    for name, its in told.items():
        yield from _one(name, its, extract.stated.left_out.get(name, 0))
        yield from _shows(showcase.of(extract.parts, extract.contents, name))
    if house:
        yield from _listed("The house", house)
    if held := [part for part in extract.parts if not isinstance(part, Row)]:
        yield Heading(1, "Withheld")
        rows = ((str(one.seq), one.why, _given(one), one.link.hash) for one in held)
        yield table(("Entry", "Black in it", "What is here", "Hash"), rows)
    yield Heading(1, "The entries, as they lie in the ledger")
    yield Verbatim(tuple(extracts.lines(extract.stated, extract.parts, extract.contents)), LINES)


def _shows(exhibits: Iterable[Exhibit]) -> Iterator[Block]:
    """What there is to look at, each with the hash that its entry gives."""
    for number, one in enumerate(exhibits):
        if number == 0:
            yield Heading(2, "What there is to look at")
        yield Heading(3, f"{one.said.title} ({one.said.name})")
        if one.pictured:
            yield Picture(one.said.says, one.said.media, one.octets)
        else:
            yield Verbatim(tuple(one.octets.decode("utf-8", "replace").splitlines()))
        yield Bullet(f"{one.said.says}; {one.said.size} octets, SHA-256 {one.said.sha256}")


def said(entry: Entry) -> str:
    """The sentence of an entry; the kind of it when another version wrote it."""
    try:
        return sentence(facts.read(entry.body))
    except ValidationError:
        return entry.kind


def folded(entries: Sequence[Entry]) -> Incident | None:
    """The incident of these entries; None when they are a part of it or of another version."""
    try:
        return reduce(folding.follow, entries[1:], folding.opened(entries[0]))
    except (IndexError, TypeError, ValidationError, IllegalTransition):
        return None


def _stated(extract: Extract) -> Iterator[tuple[str, str]]:
    stated = extract.stated
    yield "What was chosen", stated.chosen
    yield "Written", f"{stated.made_at} by Heal {stated.by}"
    yield "Entries", f"{sum(isinstance(part, Row) for part in extract.parts)}"
    withheld = [part for part in extract.parts if not isinstance(part, Row)]
    if withheld:
        yield "Withheld", f"{len(withheld)} more, of which only the hash is here"
    if stated.black:
        yield "Blacked out", "; ".join(stated.black)
    for name, count in stated.left_out.items():
        yield "Left out for length", f"{count} alerts that joined {name}"
    yield "The ledger ended with entry", str(stated.head.seq)
    yield "Its hash", stated.head.hash


def _checking(extract: Extract) -> Iterator[Block]:
    yield Prose(
        f"How to check it: `{extracts.VERIFY}`, with the name of this file. Heal recomputes the "
        "hash of every entry below and writes this text from them once more: both must be the same."
    )
    yield Prose(
        "That the ledger itself was not written anew, this file cannot know: compare the last hash "
        "with one that was kept elsewhere, by `--head`, or with the ledger."
    )
    if extract.stated.checkpoint:
        yield Prose(
            "Somebody who has the public key of this ledger need not believe its keeper: with "
            "`--key` Heal also proves that the entries are in the ledger as this note signed it."
        )
        yield Verbatim(tuple(extract.stated.checkpoint.split("\n")))
    if any(not isinstance(part, Row) for part in extract.parts):
        yield Prose(
            "What is shown of a withheld entry is a copy in which some texts are black. The hash "
            "proves only its place: what the copy says is confirmed by the ledger alone."
        )


def _given(held: Withheld) -> str:
    return "the hash, and a copy that is black in part" if held.shown else "the hash only"


def _shown(part: Part) -> Entry | None:
    row = part if isinstance(part, Row) else part.shown
    return chain.entry(row) if row is not None else None


def _one(name: str, entries: Sequence[Entry], left_out: int) -> Iterator[Block]:
    whole = folded(entries)
    if whole is None:
        yield from _listed(f"{name} ({ANOTHER})", entries)
    else:
        yield from document.story(whole, entries, left_out)


def _listed(title: str, entries: Iterable[Entry]) -> Iterator[Block]:
    yield Heading(1, title)
    yield table(
        ("UTC", "Entry", "Who", "What"),
        ((chain.stamp(one.at), str(one.seq), one.actor, said(one)) for one in entries),
    )
