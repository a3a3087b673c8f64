"""What `heal audit` does with evidence: a part of the ledger for others, and what confirms it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.cli import confirming, exporting
from bot.cli.checkpoints import keys
from bot.cli.moments import moment
from bot.clients import signing
from bot.clock import Clock
from bot.core import blacking, covered
from bot.core.errors import ConfigurationError
from bot.store.reading import Choice
from bot.store.verifying import Report

BLACK = """\
what is not to be seen: `persons`, `texts` that people or senders wrote, `secrets`, or a field by
its name or path, such as alert.labels.customer; may be repeated"""


def add_to(verify: argparse.ArgumentParser) -> None:
    """`heal audit verify`: what an export says, against the ledger that it is of."""
    verify.add_argument(
        "--against", type=Path, metavar="LEDGER", help="compare an export with its ledger, too"
    )


def add(known: Any) -> None:
    """`heal audit export`."""
    about = "evidence for others: a copy, all or a part, in a new file that proves itself"
    export: argparse.ArgumentParser = known.add_parser(
        "export", help=about, description=f"`heal audit export`: {about}."
    )
    export.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    export.add_argument("--to", type=Path, required=True, help="FILE.db, .jsonl, .md or .html")
    export.add_argument("--incident", default="", help="one incident, with what it hung on")
    export.add_argument("--service", default="", help="its incidents, and orders about it")
    export.add_argument("--environment", default="", help="the incidents in it")
    export.add_argument(
        "--words", nargs="+", default=(), help="incidents with all of them in one entry"
    )
    export.add_argument("--since", default="", help="from this day or time on, in UTC")
    export.add_argument("--until", default="", help="to the end of this day, or before this time")
    export.add_argument("--black", action="append", default=[], metavar="WHAT", help=BLACK)
    export.add_argument(
        "--withhold", action="append", default=[], metavar="KIND",
        help="give no more than the hash of entries of this kind, such as evidence.read",
    )  # fmt: skip
    export.set_defaults(act=_export)


def confirmed(given: argparse.Namespace, report: Report) -> tuple[str, list[str]]:
    """Ask its checkpoint and the ledger about a sound export: what speaks against it, and for."""
    if not report.sound or report.extract is None:
        return "", []
    cover = covered.cover(confirming.read(given.ledger), keys(given.key), signing.check)
    if cover.broken is not None:
        return f"not proved at entry {cover.broken.seq}: {cover.broken.why}", []
    lines = [cover.line] if cover.line else []
    if given.against is not None:
        if broken := confirming.confirm(given.ledger, given.against):
            return f"not confirmed at entry {broken.seq}: {broken.why}", []
        lines.append(f"{given.against} says the same, what is shown of withheld entries too")
    return "", lines


def _export(given: argparse.Namespace) -> int:
    if not given.ledger.is_file():
        raise ConfigurationError(f"there is no ledger {given.ledger}: name it with --ledger")
    choice = Choice(
        given.incident.replace("run-", "inc-"), moment(given.since), moment(given.until, end=True),
        given.service, given.environment, tuple(given.words),
    )  # fmt: skip
    wish = blacking.read([*given.black, *(f"{blacking.KIND}{one}" for one in given.withhold)])
    made = exporting.export(given.ledger, given.to, choice, Clock().now(), wish)
    if made is None:
        print(f"nothing is recorded ({choice.line}): no file was written")
        return 1
    held = f", {made.withheld} more withheld: read it before you give it away" * bool(wish.words)
    print(f"{given.to}: {made.entries} entries ({choice.line}){held}")
    print(f"Check it with: heal audit verify --ledger {given.to}")
    return 0
