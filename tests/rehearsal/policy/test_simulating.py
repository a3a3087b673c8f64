"""A simulation asks the engine's own rules, with the history of its instant, and moves nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.alert import Alert
from bot.core.errors import ConfigurationError
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.plan import Reversibility
from bot.core.policy.verdict import Ruling
from bot.rehearsal.policy import telling, then
from bot.rehearsal.policy.simulating import Simulated, simulate
from bot.rehearsal.policy.sketching import Assumed, Sketcher
from tests import builders
from tests.engine import libraries
from tests.engine.houses import SICK, House, later
from tests.fakes import FakeAction, FakePlugins


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    built = House(tmp_path / "heal.db", libraries.UNATTENDED)
    await built.open()
    yield built
    await built.close()


def simulated(
    at: datetime,
    ledger: Path | None = None,
    library: Library = libraries.UNATTENDED,
    assumed: Assumed = Assumed(down=0, total=3),
    alert: Alert | None = None,
    plugins: Any = None,
) -> Simulated:
    clock = then.Stopped(at)
    known = plugins or FakePlugins({"fake.pool": FakeAction("pool")}, {})
    with then.opened(ledger, at) as stood:
        world = then.world(library, stood.cases, clock)
        sketcher = Sketcher(library, known, assumed, stood.last_plan)
        return simulate(world, clock, alert or builders.an_alert(), sketcher)


def reason(one: Simulated, rule: str) -> str:
    assert one.planned is not None
    return next(each.reason for each in one.planned.verdicts if each.rule == rule)


async def test_it_says_what_the_engine_said_of_the_same_alert(house: House) -> None:
    house.library = builders.a_library()
    await house.asked()
    said = house.incident.planned
    assert said is not None
    built_at = house.clock.now()
    other = builders.an_alert(labels={"service": "shop", "environment": "production", "x": "y"},
                              fingerprint="f2")  # fmt: skip
    one = simulated(built_at, house.path, builders.a_library(), alert=other)

    assert one.planned is not None
    assert one.planned.verdicts == said.verdicts
    assert one.planned.risk == said.risk
    assert one.joins == house.incident.id
    assert "whether something is being deployed there: taken for no" in one.not_read
    assert one.not_read[0] == f"targets and amounts: as in the plan of {house.incident.id}"


async def test_attempts_count_as_they_did_at_that_instant(house: House) -> None:
    before = house.clock.now() - timedelta(seconds=1)
    began = house.clock.now()
    await house.fire()
    await house.until(State.HEALED, within=60)
    book = builders.a_runbook(safety={"unattended": True, "cool_down": "1h"})
    library = builders.a_library(book, rulebook=libraries.UNATTENDED.rulebook)

    assert simulated(before, house.path, library).ruling is Ruling.ALLOW
    later = simulated(began + timedelta(minutes=30), house.path, library)
    assert later.ruling is Ruling.DENY
    assert "the cool-down of 1 h is over at" in reason(later, "cool-down")


async def test_the_next_instant_is_when_the_reason_that_is_a_time_ends(house: House) -> None:
    await house.fire()
    await house.until(State.HEALED, within=60)
    (attempt,) = house.cases.attempts()
    book = builders.a_runbook(safety={"unattended": True, "cool_down": "1h"})
    library = builders.a_library(book, rulebook=libraries.UNATTENDED.rulebook)
    one = simulated(attempt.at + timedelta(minutes=30), house.path, library)

    assert one.changes is not None
    assert one.changes.at == attempt.at + timedelta(hours=1)
    assert one.changes.ruling is Ruling.ALLOW
    assert [each.rule for each in one.changes.verdicts] == ["cool-down"]


async def test_what_fired_before_counts_as_it_would_for_the_engine(house: House) -> None:
    """The fourth time within half an hour it flaps, as policy has it by itself."""
    for after in (0, 300, 600):
        house.health.says(SICK)
        await house.fire(later(after))
        await house.until(State.HEALED, State.AWAITING_APPROVAL, within=60)
        await house.resolve(later(after))
        await house.pass_(240)
    one = simulated(house.clock.now(), house.path, alert=later(900))

    assert reason(one, "flapping").startswith("flapping: 4 times in 30 min")


async def test_orders_for_the_house_hold_as_of_then(house: House) -> None:
    before = house.clock.now()
    house.clock.advance(60)
    await house.orders.halt("U1", "odd")
    after = house.clock.now()

    assert simulated(before, house.path).ruling is Ruling.ALLOW
    assert simulated(after, house.path).ruling is Ruling.DENY


def test_what_was_not_read_is_assumed_at_its_strictest_and_said() -> None:
    strict = simulated(builders.START, assumed=Assumed())

    assert strict.ruling is Ruling.ASK
    assert "1 of 1 instance (100 %) away" in reason(strict, "blast cap")
    said = "step 1, fake.pool: 1 of 1 away, 1 touched (the strictest for one instance, --assume)"
    assert said in strict.not_read
    told = simulated(builders.START, assumed=Assumed(down=0, total=3, said=True))
    assert told.ruling is Ruling.ALLOW
    assert "step 1, fake.pool: 0 of 3 away, 1 touched (as --assume says)" in told.not_read


def test_an_action_that_nobody_can_ask_about_is_taken_for_one_without_a_way_back() -> None:
    class Unset(FakePlugins):
        def action(self, name: str) -> FakeAction:
            raise ConfigurationError(f"{name} has no settings here")

    one = simulated(builders.START, plugins=Unset({}, {}))

    assert one.planned is not None
    assert one.planned.plan is not None
    assert one.planned.plan.steps[0].reversibility is Reversibility.IRREVERSIBLE
    assert "fake.pool: which way back it has: taken for none" in one.not_read


def test_a_service_that_claims_its_targets_is_assumed_to_be_touched_alone() -> None:
    service = builders.a_service(facts={"targets": "host:prod-*/unit:shop"})
    library = builders.a_library(services=(service,))
    one = simulated(builders.START, library=library)

    assert reason(one, "one service") == "nothing but shop in production is touched"


def test_without_a_runbook_nothing_is_judged_and_the_reason_is_told() -> None:
    one = simulated(builders.START, alert=builders.an_alert(name="ServiceDwn"))

    assert one.ruling is None
    assert one.why_none == "no runbook names alert 'ServiceDwn'; nearest: ServiceDown"
    assert list(telling.lines(one))[1].startswith("no plan: nothing would run")


def test_whoever_could_say_yes_is_told_as_far_as_policy_knows() -> None:
    rules = builders.a_rulebook(
        approvers={"high": {"groups": ["sre"], "people": ["U0ANA"], "quorum": 2}}
    )
    request = simulated(builders.START, library=builders.a_library(rulebook=rules)).request

    assert request is not None
    assert telling.could(request, "U0ANA") == "yes, policy names them"
    assert telling.could(request, "U0SAM").startswith("only Slack knows: if they are in sre")
    asked = request.model_copy(update={"excluded": ("U0ANA",)})
    assert telling.could(asked, "U0ANA") == "no, they asked for it themselves"
    named = request.model_copy(update={"groups": ()})
    assert telling.could(named, "U0SAM") == "no, policy names others"


def test_a_calendar_that_lies_elsewhere_is_not_fetched_and_that_is_said() -> None:
    window = {"name": "holidays", "timezone": "UTC", "calendar": "https://cal.example/h.ics"}
    rules = builders.a_rulebook(
        **{**libraries.UNATTENDED.rulebook.model_dump(), "freezes": [window]}
    )
    library = builders.a_library(*libraries.UNATTENDED.runbooks, rulebook=rules)
    one = simulated(builders.START, library=library)

    assert one.ruling is Ruling.ASK
    assert one.not_read[-1].startswith("holidays: its calendar at https://cal.example/h.ics")


def test_a_simulated_world_touches_nothing() -> None:
    with then.opened(None) as stood:
        world = then.world(builders.a_library(), stood.cases, then.Stopped(builders.START))
        with pytest.raises(RuntimeError, match="was asked for append"):
            _ = world.ledger.append
