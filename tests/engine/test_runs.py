"""Every run is found by whatever a window may count it by, and a promise counts at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import facts
from bot.engine.runs import Runs
from tests import builders
from tests.builders import START

HOUR = timedelta(hours=1)
PLAN = builders.a_plan()
MINE = PLAN.targets[0].key


def started(**changes: object) -> facts.Started:
    given = {"digest": "d", "runbook": "another", "service": "bank", "environment": "staging",
             "targets": ("other",), **changes}  # fmt: skip
    return facts.Started.model_validate(given)


RELATED = {
    "runbook": started(runbook=PLAN.runbook),
    "target": started(targets=("other", MINE)),
    "service": started(service="shop", environment="production"),
}


@pytest.mark.parametrize("how", RELATED)
def test_what_a_plan_has_in_common_with_a_run_makes_it_count(how: str) -> None:
    runs = Runs()
    runs.promise("inc-1", RELATED[how], START)
    runs.promise("inc-2", started(), START)
    found = runs.concerning(PLAN, START - HOUR, everywhere=False)

    assert [attempt.incident for attempt in found] == ["inc-1"]


def test_a_house_wide_window_counts_every_run() -> None:
    runs = Runs()
    runs.promise("inc-2", started(), START)
    found = runs.concerning(PLAN, START - HOUR, everywhere=True)

    assert [attempt.incident for attempt in found] == ["inc-2"]


@pytest.mark.parametrize(("how", "counts"), [("runbook", False), ("target", False),
                                             ("service", True)])  # fmt: skip
def test_what_began_before_any_window_counts_for_its_service_only(
    how: str, *, counts: bool
) -> None:
    runs = Runs()
    runs.promise("inc-1", RELATED[how], START)
    found = runs.concerning(PLAN, START + HOUR, everywhere=True)

    assert bool(found) is counts


def test_the_oldest_comes_first_whichever_was_recorded_first() -> None:
    runs = Runs()
    for name, at in (("inc-2", START + HOUR), ("inc-1", START), ("inc-3", START + 2 * HOUR)):
        runs.promise(name, RELATED["runbook"], at)
    found = runs.concerning(PLAN, START, everywhere=False)

    assert [attempt.incident for attempt in found] == ["inc-1", "inc-2", "inc-3"]


def test_a_promised_run_holds_its_targets_until_it_is_settled() -> None:
    runs = Runs()
    runs.promise("inc-1", RELATED["target"], START)
    held = runs.holds.holder(MINE, but="inc-9")
    runs.settle("inc-1", None)

    assert (held, runs.holds.holder(MINE, but="inc-9"), runs.all()) == ("inc-1", "", ())


def test_what_was_recorded_stays_when_the_workflow_ends() -> None:
    run = builders.an_incident(
        builders.an_opening(), facts.Chosen(runbook="restart-service"), facts.Diagnosed(),
        facts.Planned(round=1, plan=PLAN, digest="d"), facts.Allowed(round=1, digest="d"),
        RELATED["target"], name="inc-1",
    )  # fmt: skip
    runs = Runs()
    runs.promise("inc-1", RELATED["target"], START)
    runs.note(run)
    runs.settle("inc-1", run)

    assert [attempt.incident for attempt in runs.on({MINE})] == ["inc-1"]
    assert runs.holds.holder(MINE, but="") == "inc-1"
