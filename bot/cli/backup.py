"""`heal backup`: a proved copy of the ledger in a new folder; may be made while Heal runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.core.errors import ConfigurationError
from bot.store import copying


def add(verbs: Any) -> None:
    verb = verbs.add_parser("backup", help="copy the ledger, proved", description=__doc__)
    verb.add_argument("to", type=Path, help="a folder that is not there yet")
    verb.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    if not given.ledger.is_file():
        raise ConfigurationError(f"there is no ledger {given.ledger}: name it with --ledger")
    made = copying.back_up(given.ledger, given.to, Clock().now())
    print(f"{given.to}: {made.entries} entries, sound; the last is {made.seq}:{made.hash}")
    print("keep that line elsewhere too; runbooks and policy are not in it: keep them in git")
    return 0
