"""The `heal` command: one module a verb; each says in its help what it does and exits honestly."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bot.cli import audit, bench, demo, doctor, run, runbooks
from bot.core.errors import HealError

VERBS = (run, demo, doctor, runbooks, audit, bench)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb: 0 done, 1 something was found, 2 it could not be tried."""
    parser = argparse.ArgumentParser(
        prog="heal", description="Governed self-healing in Slack: plans, approvals, runs, proof."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        verb.add(verbs)
    given = parser.parse_args(argv)
    try:
        code: int = given.act(given)
    except HealError as error:
        print(f"heal: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code
