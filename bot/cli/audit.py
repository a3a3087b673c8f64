"""`heal audit`: whether the ledger still says what was written, what that was, and copies of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.cli import checkpoints, evidence, exporting
from bot.core.chain import Head
from bot.core.errors import ConfigurationError
from bot.core.telling import record, why
from bot.core.telling.book import folded, said
from bot.core.transcript import Entry
from bot.store import reading, searching
from bot.store.searching import Hit

_ENTRY = TypeAdapter(Entry)


def add(verbs: Any) -> None:
    verb = verbs.add_parser("audit", help="verify, read or copy the ledger", description=__doc__)
    known = verb.add_subparsers(dest="what", required=True, metavar="WHAT")
    verify = _one(known, "verify", _verify, "whether every entry is what was written")
    verify.add_argument("--head", default="", help="SEQ:HASH that was kept elsewhere")
    verify.add_argument(
        "--whole", action="store_true", help="exit with 1 also when a sealed segment is not here"
    )
    verify.add_argument("--json", action="store_true", help="one JSON object")
    checkpoints.add_to(verify)
    evidence.add_to(verify)
    checkpoints.add(known)
    show = _one(known, "show", _show, "what was recorded, in sentences")
    show.add_argument("incident", nargs="?", default="", help="one incident only")
    show.add_argument("--json", action="store_true", help="one JSON object a line")
    record_ = _one(known, "record", _record, "one incident as one JSON object, for machines")
    record_.add_argument("incident", help="its id")
    why_ = _one(known, "why", _why, "why it went so: what was decided then, and by whom")
    why_.add_argument("incident", help="its id, its plan's id, or the beginning of a plan's hash")
    search = _one(known, "search", _search, "the entries that hold every one of these words")
    search.add_argument("words", nargs="+", help='word, "a phrase" or begin*')
    search.add_argument("--limit", type=_count, default=20, help="the newest so many; default: 20")
    search.add_argument("--json", action="store_true", help="one JSON object a line")
    evidence.add(known)


def _one(known: Any, name: str, act: Any, about: str) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = known.add_parser(
        name, help=about, description=f"`heal audit {name}`: {about}."
    )
    verb.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    verb.set_defaults(act=lambda given: act(_found(given)))
    return verb


def _found(given: argparse.Namespace) -> argparse.Namespace:
    if not given.ledger.is_file():
        raise ConfigurationError(f"there is no ledger {given.ledger}: name it with --ledger")
    return given


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count: write 1 or more")
    return int(text)


def _verify(given: argparse.Namespace) -> int:
    if given.checkpoint:
        return checkpoints.verify(given, head(given.head))
    report = exporting.verify(given.ledger, head(given.head))
    doubt, said_for = evidence.confirmed(given, report)
    if given.json:
        told = {"sound": report.sound, "entries": report.count, "head": report.head.hash}
        if report.broken is not None:
            told |= {"broken_at": report.broken.seq, "why": report.broken.why}
        if report.missing:
            told["missing"] = [one.file for one in report.missing]
        if report.extract is not None:
            told |= {"extract": report.extract.chosen, "gaps": report.gaps}
            told |= {"withheld": report.withheld}
        if doubt:
            told |= {"sound": False, "why": doubt}
        print(json.dumps(told))
    else:
        print(f"{given.ledger}: {doubt or report.line}")
        for line in said_for:
            print(line)
    return 0 if report.sound and not doubt and not (given.whole and report.missing) else 1


def head(text: str) -> Head | None:
    if not text:
        return None
    seq, _, hash_ = text.partition(":")
    if not seq.isdigit() or len(hash_) != 64:
        raise ConfigurationError(f"--head {text!r}: write SEQ:HASH, as `verify --json` gave them")
    return Head(int(seq), hash_)


def _show(given: argparse.Namespace) -> int:
    shown = 0
    for entry in reading.entries(given.ledger, _name(given.incident)):
        print(_ENTRY.dump_json(entry).decode() if given.json else _line(entry, said(entry)))
        shown += 1
    if not shown:
        print(f"nothing is recorded{f' of {given.incident}' if given.incident else ''}")
    return 0 if shown else 1


def _record(given: argparse.Namespace) -> int:
    name = _name(given.incident)
    told = folded(list(reading.entries(given.ledger, name)))
    if told is None:
        print(f"nothing is recorded of {name}, or another version of Heal wrote it")
        return 1
    print(json.dumps(record.record(told), indent=1, ensure_ascii=False))
    return 0


def _why(given: argparse.Namespace) -> int:
    name = reading.incident_of_plan(given.ledger, given.incident) or _name(given.incident)
    told = folded(list(reading.entries(given.ledger, name.partition(".")[0])))
    if told is None:
        print(f"nothing is recorded of {given.incident}, or another version of Heal wrote it")
        return 1
    for part in why.why(told):
        print(part.title, *(f"  {line}" for line in part.lines), sep="\n")
    return 0


def _search(given: argparse.Namespace) -> int:
    found = searching.search(given.ledger, given.words, said, given.limit)
    for hit in found.hits:
        print(hit.model_dump_json() if given.json else _line(hit, hit.says))
        if hit.excerpt and not given.json:
            print(f"{'':>8}{hit.excerpt}")
    if not given.json:
        left = found.total - len(found.hits)
        print(
            f"found: {found.total}" + (f", older ones left out: {left} (--limit)" if left else "")
        )
    return 0 if found.total else 1


def _name(text: str) -> str:
    return text.replace("run-", "inc-")


def _line(one: Entry | Hit, says: str) -> str:
    when = f"{one.at:%Y-%m-%d %H:%M:%S}"
    return f"{one.seq:>6}  {when}  {one.incident or 'house':<12} {one.actor:<14} {says}"
