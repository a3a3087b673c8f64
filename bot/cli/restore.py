"""`heal restore`: put a ledger back from its backup; Heal then begins halted, and says why."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.cli.audit import head
from bot.cli.checkpoints import kept
from bot.clock import Clock
from bot.store import putting_back


def add(verbs: Any) -> None:
    verb = verbs.add_parser("restore", help="put a ledger back", description=__doc__)
    verb.add_argument("backup", type=Path, help="a folder that `heal backup` made")
    verb.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    verb.add_argument("--head", default="", help="SEQ:HASH of the last entry that was ever seen")
    verb.add_argument(
        "--checkpoint", default="", metavar="FILE", help="checkpoints that were kept elsewhere"
    )
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    now, signed = Clock().now(), kept(given.checkpoint) if given.checkpoint else ()
    fact = putting_back.put_back(given.backup, given.ledger, now, head(given.head), signed)
    print(f"{given.ledger}: {fact.says}")
    if not (given.head or signed):
        print("how much that is shows only with --head or --checkpoint, kept elsewhere")
    print(f"{fact.unheard} messages that had come in are left undone; senders repeat what matters")
    print("all healing is halted: start Heal, look at what it hands over, then `/heal resume`")
    return 0
