"""The `heal` command: one module a verb; each says in its help what it does and exits honestly."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from bot.core.errors import HealError

VERBS = (
    "run",
    "demo",
    "doctor",
    "capture",
    "runbooks",
    "policy",
    "sources",
    "kubernetes",
    "audit",
    "backup",
    "restore",
    "report",
    "tickets",
    "bench",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb: 0 done, 1 something was found, 2 it could not be tried."""
    parser = argparse.ArgumentParser(
        prog="heal", description="Governed self-healing in Slack: plans, approvals, runs, proof."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    words = sys.argv[1:] if argv is None else argv
    for name in [name for name in VERBS if name in words[:1]] or VERBS:
        verb(name).add(verbs)
    given = parser.parse_args(words)
    try:
        code: int = given.act(given)
        sys.stdout.flush()
    except HealError as error:
        print(f"heal: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


def verb(name: str) -> ModuleType:
    """
    The module of a verb, imported when it is wanted: `heal run` waits for no other.

    Modules stay, so no garbage is looked for meanwhile: it would be a tenth of the time.
    """
    gc.disable()
    try:
        return import_module(f"bot.cli.{name}")
    finally:
        gc.enable()
