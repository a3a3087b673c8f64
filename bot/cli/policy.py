"""`heal policy`: what policy would say, what another one would have said, and what is odd in it."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import settings as settings_
from bot.catalog import oddities, shelving, written
from bot.catalog.library import load_library
from bot.cli import comparing
from bot.clients import commands, http
from bot.clients.rig import Rig
from bot.clock import Clock
from bot.core.errors import ConfigurationError
from bot.core.policy.verdict import Ruling
from bot.plugins import Toolbox
from bot.rehearsal.policy import alert_files, telling, then
from bot.rehearsal.policy.simulating import Simulated, simulate
from bot.rehearsal.policy.sketching import Assumed, Sketcher

CODES = {Ruling.ALLOW: 0, Ruling.ASK: 3, Ruling.DENY: 4, None: 4}


def add(verbs: Any) -> None:
    verb = verbs.add_parser("policy", help="simulate, compare or lint policy", description=__doc__)
    known = verb.add_subparsers(dest="what", required=True, metavar="WHAT")
    simulating = known.add_parser(
        "simulate",
        help="what would become of an alert at an instant",
        description="`heal policy simulate`: what would become of an alert, touching nothing; "
        "exits with 0 allow, 3 ask, 4 deny or no plan, 2 bad input.",
    )
    simulating.add_argument(
        "--alert", required=True, metavar="FILE", help="JSON of a source or of Heal's; - is stdin"
    )
    simulating.add_argument("--at", default="", metavar="TIME", help="2026-12-24T22:00Z; now")
    simulating.add_argument(
        "--as", dest="who", default="", metavar="USER", help="could they say yes"
    )
    simulating.add_argument(
        "--runbooks", type=Path, default=Path("runbooks"), help="default: runbooks"
    )
    simulating.add_argument("--ledger", type=Path, help="attempts, runs and orders as of then")
    simulating.add_argument(
        "--assume", default="", metavar="down=1,total=3", help="what a step would touch, unread"
    )
    simulating.add_argument("--json", action="store_true", help="one JSON object an alert")
    simulating.set_defaults(act=_simulate)
    lint = known.add_parser(
        "lint",
        help="what is legal and hardly meant",
        description="`heal policy lint`: what is legal in a policy and hardly meant, with its line "
        "and what follows; exits with 1 when something can never be approved.",
    )
    lint.add_argument("--runbooks", type=Path, default=Path("runbooks"), help="default: runbooks")
    lint.add_argument("--strict", action="store_true", help="any finding exits with 1")
    lint.set_defaults(act=_lint)
    diff = comparing.add(known)
    diff.set_defaults(act=lambda given: comparing.compare(given, toolbox_of_nothing()))


def _simulate(given: argparse.Namespace) -> int:
    at = _instant(given.at)
    assumed = _assumed(given.assume)
    toolbox = toolbox_of_nothing()
    library = load_library(given.runbooks, shelving.known_names(toolbox))
    alerts = alert_files.read(_text(given.alert), toolbox, at)
    clock = then.Stopped(at)
    with then.opened(given.ledger, at) as known:
        world = then.world(library, known.cases, clock)
        sketcher = Sketcher(library, toolbox, assumed, known.last_plan)
        found = [simulate(world, clock, alert, sketcher) for alert in alerts]
    for one in found:
        _tell(one, given)
    return max(CODES[one.ruling] for one in found)


def _lint(given: argparse.Namespace) -> int:
    library = load_library(given.runbooks, shelving.known_names(toolbox_of_nothing()))
    found = oddities.of_policy(given.runbooks, library, Clock().now())
    grave = [one for one in found if one.grave]
    for one in found:
        print(f"{'wrong' if one.grave else 'odd  '} {one}")
    print(f"the policy is valid; {len(grave)} wrong, {len(found) - len(grave)} odd")
    return 1 if grave or (found and given.strict) else 0


def _tell(one: Simulated, given: argparse.Namespace) -> None:
    if given.json:
        print(json.dumps(telling.as_json(one, given.who), ensure_ascii=False))
        return
    print(*telling.lines(one, given.who), sep="\n")
    if given.ledger is None:
        print("History: none was read (--ledger): as if nothing had run, and nobody ordered a stop")


def toolbox_of_nothing() -> Toolbox:
    """Plug-ins that are asked what they are, never to do it; nothing is connected."""
    run = commands.Commands({})
    rig = Rig(http=http.open_client(), clock=Clock(), run=run, files=written.read)
    return Toolbox(rig, settings_.section)


def _text(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read(alert_files.LARGEST + 1)
        with Path(file).open(encoding="utf-8-sig") as stream:
            return stream.read(alert_files.LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--alert {file}: it cannot be read: {error}") from None


def _instant(text: str) -> datetime:
    if not text:
        return Clock().now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ConfigurationError(
            f"--at {text!r} is no instant: write one with its offset, like 2026-12-24T22:00Z"
        )
    return at


def _assumed(text: str) -> Assumed:
    if not text:
        return Assumed()
    parts = dict(_pair(part) for part in text.split(","))
    if unknown := set(parts) - {"down", "total", "touched"}:
        raise ConfigurationError(
            f"--assume {text!r}: {min(unknown)!r} is unknown: write down=1,total=3 and touched=1"
        )
    down, total = parts.get("down", 1), parts.get("total", 1)
    if down > total:
        raise ConfigurationError(
            f"--assume {text!r}: {down} of {total} cannot be down: raise total"
        )
    touched = parts.get("touched", max(down, 1))
    return Assumed(down=down, total=total, touched=touched, said=True)


def _pair(part: str) -> tuple[str, int]:
    name, _, number = part.partition("=")
    if not number.isdecimal() or int(number[:7]) > 100_000:
        raise ConfigurationError(f"--assume: {part!r} is no amount: write down=1,total=3")
    return name.strip(), int(number)
