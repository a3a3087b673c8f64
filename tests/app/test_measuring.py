"""The figures say what happened and how it stands, and no stranger can make them grow."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.app.measuring import Measuring
from bot.core.lifecycle import ENDS, State
from bot.engine.arrivals import Arrivals, Outcome
from bot.slack.letters import Kind, Priority
from bot.slack.pacing import Pace, Pacer
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.telemetry.metrics import FIGURES, TIMED
from tests import builders
from tests.engine.houses import House, later
from tests.engine.libraries import POOL, steps
from tests.engine.towns import Town, a_town

Labels = tuple[tuple[str, str], ...]


class Bench:
    """A house, and what a scrape of it reads."""

    def __init__(self, house: House, inbox: Inbox) -> None:
        self.house = house
        self.inbox = inbox
        self.outbox = Outbox(house.writer)
        self.arrivals = Arrivals(house.clock)
        self.measuring = Measuring(house.world, house.orders, inbox, self.outbox, self.arrivals)

    async def scraped(self) -> dict[tuple[str, Labels], float]:
        """Every sample as Prometheus' own parser reads it."""
        text = (await self.measuring.text()).decode()
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def read(self, name: str, **labels: str) -> float:
        return (await self.scraped())[name, tuple(sorted(labels.items()))]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "heal.db")
        await house.open()
        yield Bench(house, await Inbox.open(house.writer))
        await house.close()


async def test_every_figure_that_is_told_of_is_read_at_a_scrape(bench: Bench) -> None:
    assert {*TIMED, *await bench.measuring.values()} == set(FIGURES)


async def test_what_came_to_the_doors_is_told_by_source_and_outcome(bench: Bench) -> None:
    bench.arrivals.note("alertmanager", Outcome.ACCEPTED, 7)
    bench.arrivals.note("alertmanager", Outcome.ACCEPTED, 3)
    bench.arrivals.note("alertmanager", Outcome.THROTTLED)
    received = "heal_messages_received_total"

    assert await bench.read(received, source="alertmanager", outcome="accepted") == 2
    assert await bench.read(received, source="alertmanager", outcome="throttled") == 1
    assert await bench.read("heal_alerts_accepted_total", source="alertmanager") == 10
    assert await bench.read("heal_inbox_pending", room="alerts/alertmanager") == 0


async def test_a_repetition_is_accepted_and_not_recorded(bench: Bench) -> None:
    for _ in range(3):
        await bench.house.fire()
    await bench.house.fire(builders.an_alert(fingerprint="f2"))

    assert await bench.read("heal_alerts_recorded_total", source="alertmanager") == 2


async def test_sources_beyond_a_hundred_share_one_label(bench: Bench) -> None:
    alerts = [builders.an_alert(fingerprint=f"f{n}", source=f"s{n}") for n in range(120)]
    await bench.house.intake.take(alerts)
    found = {key[1]: value for key, value in (await bench.scraped()).items()
             if key[0] == "heal_alerts_recorded_total"}  # fmt: skip

    assert len(found) == 101
    assert found[("source", "other"),] == 20


async def test_what_waits_in_the_inbox_is_told_with_its_age(bench: Bench) -> None:
    clock = bench.house.clock
    assert await bench.read("heal_inbox_oldest_seconds") == 0
    first = await bench.inbox.put([], "alerts/alertmanager", b"{}", {}, clock.now())
    clock.advance(30)
    await bench.inbox.put([], "alerts/alertmanager", b"{}", {}, clock.now())
    clock.advance(12)

    assert await bench.read("heal_inbox_pending", room="alerts/alertmanager") == 2
    assert await bench.read("heal_inbox_oldest_seconds") == 42
    await bench.inbox.done(first.id)
    assert await bench.read("heal_inbox_oldest_seconds") == 12


async def test_what_slack_has_yet_to_take_is_told(bench: Bench) -> None:
    now = bench.house.clock.now()
    for slot in ("a", "b"):
        await bench.outbox.want(slot, "C1", None, Kind.MESSAGE, Priority.NEWS, "{}", now)
    await bench.outbox.sent("a", 1, "1.1", "C1")

    assert await bench.read("heal_slack_outbox_pending") == 1


async def test_every_state_that_is_no_end_is_told_even_when_nothing_stands_there(
    bench: Bench,
) -> None:
    await bench.house.asked()
    told = {labels[0][1]: value for (name, labels), value in (await bench.scraped()).items()
            if name == "heal_incidents_open"}  # fmt: skip

    assert set(told) == {state.value for state in State} - {state.value for state in ENDS}
    assert told["awaiting approval"] == 1
    assert sum(told.values()) == 1


async def test_a_plan_that_people_are_asked_about_is_told_with_the_rules_that_asked(
    bench: Bench,
) -> None:
    await bench.house.asked()
    planned = bench.house.incident.planned
    assert planned is not None
    asked = {verdict.rule for verdict in planned.verdicts if verdict.ruling is planned.ruling}
    told = {dict(labels)["rule"] for (name, labels), value in (await bench.scraped()).items()
            if name == "heal_plans_stopped_total" and value == 1}  # fmt: skip

    assert await bench.read("heal_plans_total", verdict="ask") == 1
    assert await bench.read("heal_plans_total", verdict="deny") == 0
    assert asked == told != set()


async def test_a_plan_that_policy_refuses_is_told(bench: Bench) -> None:
    await bench.house.orders.halt("U1", "a test")
    await bench.house.fire()
    await bench.house.until(State.ESCALATED)

    assert await bench.read("heal_plans_total", verdict="deny") == 1
    assert await bench.read("heal_plans_stopped_total", verdict="deny", rule="kill switch") == 1
    assert await bench.read("heal_halted") == 1


async def runs(bench: Bench) -> dict[str, float]:
    """The runs by what came of them, without those of which there are none."""
    return {labels[0][1]: value for (name, labels), value in (await bench.scraped()).items()
            if name == "heal_runs_total" and value}  # fmt: skip


async def test_a_run_that_helped_and_did_not_last_is_told_as_both(bench: Bench) -> None:
    await bench.house.healed()
    healed = await runs(bench)
    await bench.house.resolve()
    await bench.house.until(State.RESOLVED)
    await bench.house.fire(later(120))

    assert healed == {"started": 1, "verified": 1}
    assert await runs(bench) == {"started": 1, "verified": 1, "came_back": 1}


@pytest.mark.parametrize(("undoes", "outcome"), [(True, "rolled_back"), (False, "left")])
async def test_a_run_that_did_not_help_is_told_by_what_it_left(
    bench: Bench, undoes: bool, outcome: str
) -> None:
    house = bench.house
    house.library = steps(POOL)
    house.pool.then, house.pool.undoes = (lambda: None), undoes
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=300)

    assert await runs(bench) == {"started": 1, outcome: 1}


async def test_who_waits_its_turn_is_told_with_how_long_the_first_waits(tmp_path: Path) -> None:
    town = Town(tmp_path / "heal.db", a_town("a", "b", "c", concurrency=1))
    await town.open()
    try:
        bench = Bench(town, await Inbox.open(town.writer))
        await town.breaks("a", "b", "c")
        town.clock.advance(20)

        assert await bench.read("heal_queue_waiting") == 2
        assert 20 <= await bench.read("heal_queue_longest_seconds") < 30
    finally:
        await town.close()


async def test_how_long_accepting_took_is_told_in_buckets(bench: Bench) -> None:
    for seconds in (0.0004, 0.02, 0.7):
        bench.measuring.metrics.accepted(seconds)
    under = [
        await bench.read("heal_accept_seconds_bucket", le=le) for le in ("0.001", "0.1", "1.0")
    ]

    assert under == [1, 2, 3]


async def test_an_answer_is_told_with_the_time_that_people_took_for_it(bench: Bench) -> None:
    await bench.house.asked()
    bench.house.clock.advance(40)
    assert await bench.read("heal_approvals_total", outcome="asked") == 1
    assert await bench.read("heal_approval_seconds_count") == 0
    await bench.house.vote()
    await bench.house.until(State.HEALED, within=60)

    assert await bench.read("heal_approvals_total", outcome="approved") == 1
    assert await bench.read("heal_approval_seconds_sum") == 40
    assert await bench.read("heal_healing_seconds_sum") == 50
    assert await bench.read("heal_verification_seconds_sum") == 10


async def test_a_question_that_nobody_answers_is_told_and_counts_for_no_time(bench: Bench) -> None:
    await bench.house.asked()
    await bench.house.until(State.EXPIRED, State.ESCALATED, within=86_400)

    assert await bench.read("heal_approvals_total", outcome="expired") == 1
    assert await bench.read("heal_approval_seconds_count") == 0


async def test_steps_and_looks_at_success_are_told_by_how_they_ended(bench: Bench) -> None:
    bench.house.pool.then = lambda: None
    await bench.house.asked()
    await bench.house.vote()
    await bench.house.until(State.ESCALATED, within=600)

    assert await bench.read("heal_steps_total", ending="done", back="no") == 1
    assert await bench.read("heal_steps_total", ending="done", back="yes") == 1
    assert await bench.read("heal_verifications_total", of="run", outcome="failed") == 1
    assert await bench.read("heal_verifications_total", of="run", outcome="passed") == 0
    assert await bench.read("heal_step_seconds_count") == 2


async def test_how_long_a_message_waits_for_slack_is_told(bench: Bench) -> None:
    assert await bench.read("heal_slack_outbox_oldest_seconds") == 0
    now = bench.house.clock.now()
    await bench.outbox.want("a", "C1", None, Kind.MESSAGE, Priority.NEWS, "{}", now)
    bench.house.clock.advance(30)

    assert await bench.read("heal_slack_outbox_oldest_seconds") == 30


async def test_how_often_slack_said_that_we_are_too_fast_is_told(bench: Bench) -> None:
    before = await bench.read("heal_slack_limited_total", method="chat.postMessage")
    Pacer(Pace()).hold("chat.postMessage", 5)

    after = await bench.read("heal_slack_limited_total", method="chat.postMessage")
    assert after == before + 1
