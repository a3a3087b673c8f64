"""`heal audit verify|show`: whether the ledger still says what was written, and what that was."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot.core import facts, telling
from bot.core.chain import Head
from bot.core.errors import ConfigurationError
from bot.core.transcript import Entry
from bot.store import verifying


def add(verbs: Any) -> None:
    verb = verbs.add_parser("audit", help="verify or show the ledger", description=__doc__)
    verb.add_argument("what", choices=("verify", "show"))
    verb.add_argument("incident", nargs="?", default="", help="show: one incident only")
    verb.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    verb.add_argument("--head", default="", help="verify: SEQ:HASH that was kept elsewhere")
    verb.add_argument("--json", action="store_true", help="one JSON object a line")
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    if not given.ledger.is_file():
        raise ConfigurationError(f"there is no ledger {given.ledger}: name it with --ledger")
    return _verify(given) if given.what == "verify" else _show(given)


def _verify(given: argparse.Namespace) -> int:
    report = verifying.verify(given.ledger, _head(given.head))
    if given.json:
        said = {"sound": report.sound, "entries": report.count, "head": report.head.hash}
        if report.broken is not None:
            said |= {"broken_at": report.broken.seq, "why": report.broken.why}
        print(json.dumps(said))
    else:
        print(f"{given.ledger}: {report.line}")
    return 0 if report.sound else 1


def _head(text: str) -> Head | None:
    if not text:
        return None
    seq, _, hash_ = text.partition(":")
    if not seq.isdigit() or len(hash_) != 64:
        raise ConfigurationError(f"--head {text!r}: write SEQ:HASH, as `verify --json` gave them")
    return Head(int(seq), hash_)


def _show(given: argparse.Namespace) -> int:
    name = given.incident.replace("run-", "inc-")
    shown = 0
    for entry in verifying.entries(given.ledger, name):
        print(entry.model_dump_json() if given.json else _line(entry))
        shown += 1
    if not shown:
        print(f"nothing is recorded{f' of {given.incident}' if given.incident else ''}")
    return 0 if shown else 1


def _line(entry: Entry) -> str:
    when = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    said = telling.sentence(facts.read(entry.body))
    return f"{entry.seq:>6}  {when}  {entry.incident or 'house':<12} {entry.actor:<14} {said}"
