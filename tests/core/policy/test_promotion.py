from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.policy import promotion
from bot.core.policy.promotion import Record, Seen
from bot.core.policy.sections import Promotion, Stage
from bot.core.policy.verdict import Ruling
from tests import builders
from tests.core.policy.builders import NOW

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
DEMANDS = Promotion(dry_runs=2, asked=3, verified_percent=90, no_relapse_for=14 * DAY)


def a_seen(ago: timedelta = DAY, **changes: Any) -> Seen:
    return Seen(NOW - ago, "raise-pool", "shop", "production")._replace(**changes)


def ran(ago: timedelta = DAY, *, verified: bool = True, **changes: Any) -> Seen:
    return a_seen(ago, ran_at=NOW - ago, ended=True, verified=verified, **changes)


def met(stage: Stage, record: Record) -> dict[str, bool]:
    return {one.key: one.met for one in promotion.criteria(DEMANDS, stage, record, NOW)}


def test_what_was_seen_is_added_up() -> None:
    record = promotion.total([
        a_seen(would=Ruling.ALLOW), a_seen(would=Ruling.ASK), a_seen(would=Ruling.ASK),
        a_seen(would=Ruling.DENY), a_seen(approved=False),
        ran(3 * DAY, approved=True), ran(2 * DAY, verified=False),
        ran(relapsed_at=NOW - DAY), a_seen(ran_at=NOW),
    ])  # fmt: skip

    assert record == Record(
        shown=4, would_allow=1, would_ask=2, would_deny=1, approved=1, rejected=1,
        attempted=3, verified=2, relapses=1, first_run=NOW - 3 * DAY, last_relapse=NOW - DAY,
    )  # fmt: skip
    assert record.verified_percent == pytest.approx(66.667, abs=0.001)


@pytest.mark.parametrize(("shown", "expected"), [(1, False), (2, True)])
def test_from_dry_run_it_takes_plans_that_were_shown(shown: int, *, expected: bool) -> None:
    assert met(Stage.DRY_RUN, Record(shown=shown)) == {"dry_runs": expected}


@pytest.mark.parametrize(("approved", "expected"), [(2, False), (3, True)])
def test_from_ask_it_takes_so_many_yeses(approved: int, *, expected: bool) -> None:
    assert met(Stage.ASK, Record(approved=approved))["asked"] is expected


@pytest.mark.parametrize(
    ("verified", "attempted", "expected"), [(8, 9, False), (9, 10, True), (0, 0, False)]
)
def test_and_so_many_verified_of_the_runs_that_ended(
    verified: int, attempted: int, *, expected: bool
) -> None:
    record = Record(verified=verified, attempted=attempted)

    assert met(Stage.ASK, record)["verified_percent"] is expected
    assert met(Stage.AUTO, record)["verified_percent"] is expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Record(first_run=NOW - 14 * DAY), True),
        (Record(first_run=NOW - 14 * DAY + INSTANT), False),
        (Record(first_run=NOW - 90 * DAY, last_relapse=NOW - 14 * DAY), True),
        (Record(first_run=NOW - 90 * DAY, last_relapse=NOW - 14 * DAY + INSTANT), False),
        (Record(), False),
    ],
)
def test_and_so_long_without_a_relapse_to_the_instant(record: Record, *, expected: bool) -> None:
    assert met(Stage.ASK, record)["no_relapse_for"] is expected


def test_places_of_one_stage_and_beginning_are_one_rung_with_a_record_of_their_own() -> None:
    names = ("cart", "pay", "shop")
    services = tuple(builders.a_service(name=name) for name in names)
    since = NOW - 2 * DAY
    lines = [{"stage": "auto", "services": ["pay"], "since": since.isoformat()}]
    stages = {"default": "ask", "lines": lines}
    library = builders.a_library(services=services, rulebook=builders.a_rulebook(stages=stages))
    seen = [ran(3 * DAY, approved=True), ran(DAY, service="pay"),
            ran(2 * DAY, service="pay"), ran(2 * DAY + INSTANT, service="pay"),
            ran(service="shop", environment="staging"), ran(runbook="another")]  # fmt: skip
    ask, auto = promotion.rungs(library, seen, NOW)

    assert (ask.stage, ask.since, ask.places) == (
        Stage.ASK, None, ("cart@production", "shop@production"),
    )  # fmt: skip
    assert (ask.record.approved, ask.record.attempted) == (1, 1)
    assert (auto.stage, auto.since, auto.places) == (Stage.AUTO, since, ("pay@production",))
    assert auto.record.attempted == 2, "what was before it began does not count"


def test_a_rung_says_what_is_met_and_what_is_missing() -> None:
    rulebook = builders.a_rulebook(stages={"default": "ask"}, promotion={"asked": 1})
    library = builders.a_library(rulebook=rulebook)
    (rung,) = promotion.rungs(library, [ran(3 * DAY, approved=True)], NOW)

    empty = "shown 0 (would have run 0, asked 0, refused 0)"

    assert not rung.earned
    assert promotion.said(rung) == (
        f"{empty}; approved 1, rejected 0; verified 1 of 1, relapses 0",
        "met: asked 1 (1)",
        "met: verified_percent 90 % (1 of 1, 100.0 %)",
        "missing: no_relapse_for 14 days (3 d since the first run, no relapse)",
    )


def test_what_is_earned_is_said() -> None:
    library = builders.a_library(rulebook=builders.a_rulebook(stages={"default": "dry_run"}))
    (rung,) = promotion.rungs(library, [a_seen(would=Ruling.ASK)] * 10, NOW)

    assert rung.earned
