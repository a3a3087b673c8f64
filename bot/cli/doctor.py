"""`heal doctor`: what could go wrong tonight, looked at now; each finding with its remedy."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import Any

from bot import settings as settings_
from bot.cli import secrecy
from bot.clock import Clock
from bot.doctor import rounds
from bot.doctor.finding import Finding, State
from bot.doctor.patient import Told, admitted
from bot.telemetry import logs
from bot.telemetry.logs import Form


def add(verbs: Any) -> None:
    verb = verbs.add_parser("doctor", help="look for what is wrong", description=__doc__)
    verb.add_argument("--json", action="store_true", help="one JSON object with every check")
    verb.add_argument("--all", action="store_true", help="print what is in order, too")
    verb.add_argument(
        "--deep", action="store_true",
        help="look also at the disk's speed, the ledger's pages and growth, letters left lying, "
        "cards that are gone from Slack, certificates",
    )  # fmt: skip
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    """Return 1 when a check failed; warnings alone are 0, for Heal can start."""
    settings, wrong = settings_.leniently()
    logs.begin("ERROR", secrecy.secrets(), Form.TEXT)
    told = Told(settings, wrong, settings_.section, settings_.environment())
    findings = asyncio.run(examine(told, deeply=given.deep))
    state = rounds.worst(findings)
    if given.json:
        checks = [one.model_dump(mode="json") for one in findings]
        print(json.dumps({"state": state, "checks": checks}, ensure_ascii=False))
    else:
        _print(findings, everything=given.all)
    return 1 if state is State.FAILED else 0


async def examine(told: Told, *, deeply: bool = False) -> list[Finding]:
    async with admitted(told, Clock()) as patient:
        return await rounds.examine(patient, deeply=deeply)


def _print(findings: Sequence[Finding], *, everything: bool) -> None:
    for one in findings:
        if everything or one.state is not State.OK:
            sign = one.state.upper() if one.state is State.FAILED else one.state
            print(f"{sign:<8} {one.name}: {one.found}")
            if one.remedy:
                print(f"{'':>8} → {one.remedy}")
            for line in one.apply.splitlines():
                print(f"{'':>10} {line}")
    counted = {state: sum(one.state is state for one in findings) for state in State}
    print(f"{len(findings)} checks: " + ", ".join(f"{n} {state}" for state, n in counted.items()))
