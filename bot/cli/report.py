"""`heal report`: what a while of healing came to, read off the ledger."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli.moments import moment
from bot.clock import Clock
from bot.core import durations, prospects
from bot.core.errors import ConfigurationError
from bot.core.telling import report, sums
from bot.store import courses


def add(verbs: Any) -> None:
    verb = verbs.add_parser("report", help="what a while of healing came to", description=__doc__)
    verb.add_argument("last", nargs="?", default="", help="24h, 7d: until now; default: 24h")
    verb.add_argument("--since", default="", help="instead: from this day or time on, in UTC")
    verb.add_argument("--until", default="", help="to the end of this day, or before this time")
    verb.add_argument("--json", action="store_true", help="one JSON object instead of Markdown")
    verb.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    verb.set_defaults(act=_report)


def _report(given: argparse.Namespace) -> int:
    if not given.ledger.is_file():
        raise ConfigurationError(f"there is no ledger {given.ledger}: name it with --ledger")
    since, until = _between(given, Clock().now())
    made = prospects.report(courses.between(given.ledger, since, until), since, until)
    if given.json:
        print(json.dumps(sums.record(made), ensure_ascii=False))
    else:
        print(report.document(made), end="")
    return 0


def _between(given: argparse.Namespace, now: datetime) -> tuple[datetime, datetime]:
    if given.last and given.since:
        raise ConfigurationError(f"{given.last!r} and --since are two beginnings: write one")
    until = moment(given.until, end=True) or now
    try:
        since = moment(given.since) or until - durations.parse(given.last or "24h")
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    if since >= until:
        raise ConfigurationError(f"it begins at {since:%F %T} and ends before, at {until:%F %T}")
    return since, until
