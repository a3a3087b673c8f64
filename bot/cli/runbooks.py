"""`heal runbooks list|lint|test|look|stages`: what is written down, promised, seen and earned."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot import settings as settings_
from bot.catalog import calling, golden, linting, promising, shelving
from bot.catalog.library import load_library
from bot.cli import looking
from bot.clock import Clock
from bot.core import durations
from bot.core.library import Library
from bot.core.policy import promotion
from bot.plugins import Toolbox
from bot.rehearsal.judge import Judge
from bot.store import tallies


def add(verbs: Any) -> None:
    verb = verbs.add_parser(
        "runbooks", help="list, lint or test runbooks and detectors", description=__doc__
    )
    verb.add_argument(
        "what",
        choices=("list", "lint", "test", "look", "stages"),
        help="look: what detectors see now and would do, telling nobody; 1 = trouble, or blind",
    )
    verb.add_argument("name", nargs="?", default="", help="one runbook or detector only")
    verb.add_argument("--dir", type=Path, default=Path("runbooks"), help="default: runbooks")
    verb.add_argument("--strict", action="store_true", help="lint: advice fails too")
    verb.add_argument(
        "--ledger", type=Path, default=Path("heal.db"), help="stages: default: heal.db"
    )
    verb.add_argument("--json", action="store_true", help="stages: one JSON object a line")
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    if given.what == "look":
        return looking.look(given.dir, given.name)
    toolbox = Toolbox(None, settings_.section)
    library = load_library(given.dir, shelving.known_names(toolbox))
    if given.what == "lint":
        return _lint(library, given.name, strict=given.strict)
    if given.what == "stages":
        return _stages(library, given)
    return {"list": _list, "test": _test}[given.what](library, given.name)


def _list(library: Library, name: str) -> int:
    for book in library.runbooks:
        if name in {"", book.runbook}:
            places = ", ".join(f"{one.service}@{one.environment}" for one in book.approved_for)
            print(f"{book.runbook:<28} {book.title}")
            print(f"{'':<28} alerts {', '.join(book.match.alerts) or 'any'}; for {places}")
    for each in library.detectors:
        if name in {"", each.detector}:
            found = (one for one in library.lookouts.values() if one.detector == each)
            places = ", ".join(f"{one.service}@{one.environment}" for one in found)
            print(f"{each.detector:<28} {each.alert.name} when {each.firing}")
            every = durations.text(each.every)
            print(f"{'':<28} every {every}, at {places or 'no service: it sleeps'}")
    return 0


def _stages(library: Library, given: argparse.Namespace) -> int:
    """Without a ledger every record is empty: the policy alone says where they stand."""
    seen = tallies.seen(given.ledger) if given.ledger.is_file() else []
    for rung in promotion.rungs(library, seen, Clock().now()):
        if given.name not in {"", rung.runbook}:
            continue
        if given.json:
            print(json.dumps({**rung.model_dump(mode="json"), "earned": rung.earned}))
            continue
        since = f" since {rung.since:%Y-%m-%d %H:%M} UTC" if rung.since else ""
        more = f" and {len(rung.places) - 4} more" if len(rung.places) > 4 else ""
        print(f"{rung.runbook:<28} {rung.stage}{since}: {', '.join(rung.places[:4])}{more}")
        for line in promotion.said(rung):
            print(f"{'':<28} {line}")
    return 0


def _lint(library: Library, name: str, *, strict: bool) -> int:
    books = [book for book in library.runbooks if name in {"", book.runbook}]
    advice = linting.lint(books)
    slips = [one for one in calling.slips(library) if name in {"", one.runbook}]
    advice += [linting.Advice(one.runbook, f"escalate.to: {one.message}") for one in slips]
    watching = [one for one in library.detectors if name in {"", one.detector}]
    advice += linting.lint_detectors(library, watching)
    for each in advice:
        print(each)
    counted = f"{len(books)} runbooks and {len(watching)} detectors"
    print(f"{counted} are valid, {len(advice)} could be better")
    return 1 if advice and strict else 0


def _test(library: Library, name: str) -> int:
    books = [book for book in library.runbooks if name in {"", book.runbook}]
    judge = Judge(library)
    results = [one for book in books for one in golden.run_tests(book, library.services, judge)]
    for each in library.detectors:
        if name in {"", each.detector}:
            results += promising.run_tests(each, library.services)
    for result in results:
        print(f"{'ok  ' if result.passed else 'FAIL'} {result.runbook}: {result.test}")
        for broken in result.broken:
            print(f"       {broken}")
    failed = sum(not result.passed for result in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed or not results else 0
