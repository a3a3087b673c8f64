"""`heal policy diff`: two policies, and what the recorded past would have come to under each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.catalog import shelving
from bot.catalog.library import POLICY, RULES, load_library
from bot.cli.progress import Progress
from bot.clock import Clock
from bot.core import chain, visible
from bot.core.errors import ConfigurationError
from bot.core.library import Library
from bot.core.policy import changed, wording
from bot.plugins import Toolbox
from bot.rehearsal.policy import then
from bot.rehearsal.policy.replaying import Difference, Replay, replay


def add(known: Any) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = known.add_parser(
        "diff",
        help="what another policy would have decided",
        description="`heal policy diff`: recorded plans and alerts under two policies, with the "
        "history that each had; exits with 1 when --loosened-only finds anything.",
    )
    verb.add_argument("old", type=Path, help="a library, or a folder with rules.yaml")
    verb.add_argument("new", type=Path, help="the same, as it is to become")
    verb.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    verb.add_argument("--days", type=float, default=30, help="so many days back; default: 30")
    verb.add_argument(
        "--runbooks", type=Path, default=Path("runbooks"), help="where OLD or NEW holds no runbooks"
    )
    verb.add_argument("--loosened-only", action="store_true", help="only what got looser; exit 1")
    verb.add_argument("--json", action="store_true", help="one JSON object")
    return verb


def compare(given: argparse.Namespace, toolbox: Toolbox) -> int:
    """Replay, and tell; 1 when something got looser and that was asked for."""
    if not 0 < given.days <= 36_500:
        raise ConfigurationError(f"--days {given.days:g}: write more than 0, at most 36500")
    old, new = (_library(place, given.runbooks, toolbox) for place in (given.old, given.new))
    since = Clock().now() - timedelta(days=given.days)
    with then.opened(given.ledger, since) as stood:
        bar = Progress("replaying entries", stood.past.count_after(stood.past.head()))
        try:
            found = replay(stood, old, new, bar.tick)
        finally:
            bar.end()
    keys = (*changed.rules(old.rulebook, new.rulebook),
            *changed.services(old.services, new.services))  # fmt: skip
    shown = found.loosened if given.loosened_only else found.differences
    if given.json:
        print(json.dumps(_as_json(found, shown, keys), ensure_ascii=False))
    else:
        print(*map(_line, _lines(found, shown, keys, given)), sep="\n")
    return 1 if given.loosened_only and found.loosened else 0


def _library(place: Path, runbooks: Path, toolbox: Toolbox) -> Library:
    """A whole library, or a policy alone beside the runbooks that lie elsewhere."""
    known = shelving.known_names(toolbox)
    for policy in (place / POLICY, place):
        if (policy / RULES).is_file():
            own = any(place.glob("*.yaml")) if policy != place else False
            return load_library(place if own else runbooks, known, policy=policy)
    raise ConfigurationError(
        f"{place} holds neither {POLICY}/{RULES} nor {RULES}: name a library or a policy's folder"
    )


def _lines(
    found: Replay, shown: list[Difference], keys: tuple[str, ...], given: argparse.Namespace
) -> Iterator[str]:
    parted, plans = len(found.differences), wording.count(found.judged, "plan")
    yield (
        f"{plans} of the last {given.days:g} days judged by both: {parted} "
        f"would have been decided differently, {len(found.loosened)} of them more loosely"
    )
    if found.as_then < found.judged:
        odd = found.judged - found.as_then
        yield f"Of {wording.count(odd, 'plan')} OLD says something else than was decided then"
    for transition, count in found.counted():
        yield f"  {count} × {transition}"
    for one in shown:
        yield ""
        looser = " (looser)" if one.looser else ""
        yield f"{wording.moment(one.at)} {one.incident} {one.transition}{looser}: {one.about}"
        yield from (f"  {line}" for line in one.why)
    yield ""
    yield f"Changed keys: {len(keys)}"
    yield from (f"  {line}" for line in keys)
    if found.unreadable:
        yield f"{found.unreadable} entries of another version of Heal were left out"
    if not found.judged:
        yield "Nothing was judged in that time, so only the keys are compared."


def _line(text: str) -> str:
    indent = text[: len(text) - len(text.lstrip())]
    return f"{indent}{visible.line(text)}"


def _as_json(found: Replay, shown: list[Difference], keys: tuple[str, ...]) -> dict[str, object]:
    return {
        "judged": found.judged,
        "asThen": found.as_then,
        "different": len(found.differences),
        "loosened": len(found.loosened),
        "unreadable": found.unreadable,
        "transitions": dict(found.counted()),
        "differences": [
            {
                "incident": one.incident, "at": chain.stamp(one.at), "about": one.about,
                "old": one.old, "new": one.new, "looser": one.looser, "why": list(one.why),
            }
            for one in shown
        ],
        "keys": list(keys),
    }  # fmt: skip
