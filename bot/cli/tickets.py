"""`heal tickets`: what ticket systems and pagers were not told, read off the ledger."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot.core.errors import ConfigurationError
from bot.store import tickets

AGAIN = (
    "Each is tried again when Heal starts, and `/heal tickets retry` in Slack tries it now; "
    "the text is in the transcript."
)


def add(verbs: Any) -> None:
    verb = verbs.add_parser(
        "tickets", help="what ticket systems and pagers were not told", description=__doc__
    )
    verb.add_argument("--json", action="store_true", help="one JSON object a line")
    verb.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    verb.set_defaults(act=_tickets)


def _tickets(given: argparse.Namespace) -> int:
    """0 when everything was told, 1 when something was not."""
    if not given.ledger.is_file():
        raise ConfigurationError(f"there is no ledger {given.ledger}: name it with --ledger")
    untold = tickets.untold(given.ledger)
    if given.json:
        for one in untold:
            print(json.dumps(one._asdict(), ensure_ascii=False))
        return bool(untold)
    for one in untold:
        record = f"{one.system} {one.reference}".rstrip()
        print(f"{one.incident}: {record} was not told: {one.title}\n    {one.at[:19]}: {one.why}")
    print(f"\n{len(untold)} not told. {AGAIN}" if untold else "Everything was told.")
    return bool(untold)
