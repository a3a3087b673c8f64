"""What policy said of late is counted by incident, and by the rules that decided it."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.core.facts import Planned
from bot.core.policy import verdict
from bot.core.policy.verdict import Ruled, Ruling, Verdict
from bot.store.file import connect
from bot.store.rulings import Rulings
from bot.store.view import View
from tests import builders
from tests.store.drafts import NOON, draft

ALLOWED = verdict.allow("tier", "fine")
Opened = tuple[str, timedelta, tuple[Planned, ...]]


def planned(*verdicts: Verdict, **changes: object) -> Planned:
    plan = builders.a_plan()
    made = Planned(round=1, plan=plan, digest=plan.digest, ruling=verdict.strictest(verdicts),
                   verdicts=verdicts)  # fmt: skip
    return made.model_copy(update=changes)


ASKED = planned(ALLOWED, verdict.ask("risk level", "medium"), verdict.ask("production", "it is"))
DENIED = planned(ALLOWED, verdict.ask("risk level", "high"), verdict.deny("freeze window", "on"))


def written(path: Path, *opened: Opened) -> Rulings:
    """A ledger of incidents, each opened so long before noon, with its plans."""
    with closing(connect(path, 0)) as db:
        view = View(db)
        for name, before, plans in opened:
            facts = [builders.an_opening(), *plans]
            for number, fact in enumerate(facts):
                said = {"kind": fact.kind, "incident": name, "body": fact.body}
                view.append(draft(f"{name}:{number}", at=NOON - before, **said))
    return Rulings(path)


async def test_incidents_are_counted_by_answer_and_by_the_rules_that_decided(path: Path) -> None:
    hour = timedelta(hours=1)
    ledger = written(
        path,
        ("inc-a", hour, (planned(ALLOWED),)),
        ("inc-b", hour, (ASKED, ASKED)),
        ("inc-c", hour, (ASKED, DENIED)),
        ("inc-d", hour, ()),
    )

    assert await ledger.since(NOON - 24 * hour) == [
        Ruled(Ruling.ALLOW, "", 1),
        Ruled(Ruling.ASK, "", 2),
        Ruled(Ruling.ASK, "production", 2),
        Ruled(Ruling.ASK, "risk level", 2),
        Ruled(Ruling.DENY, "", 1),
        Ruled(Ruling.DENY, "freeze window", 1),
    ]


async def test_what_was_opened_before_is_left_out(path: Path) -> None:
    day = timedelta(hours=24)
    ledger = written(
        path, ("inc-a", day * 2, (DENIED,)), ("inc-b", day, (DENIED,)), ("inc-c", day / 2, ())
    )

    assert await ledger.since(NOON - day) == [
        Ruled(Ruling.DENY, "", 1),
        Ruled(Ruling.DENY, "freeze window", 1),
    ]
    assert await ledger.since(NOON - day / 2) == []


async def test_what_needed_no_plan_was_held_back_by_nobody(path: Path) -> None:
    hour = timedelta(hours=1)
    none, healthy = Planned(round=1, refused=("no such host",)), planned(healthy=True)
    ledger = written(path, ("inc-a", hour, (none,)), ("inc-b", hour, (healthy,)))

    assert await ledger.since(NOON - 24 * hour) == []


async def test_a_file_that_is_no_ledger_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no ledger at all, but long enough to be read as a header")

    with pytest.raises(ConfigurationError, match=r"x\.db"):
        await Rulings(tmp_path / "x.db").since(NOON)
