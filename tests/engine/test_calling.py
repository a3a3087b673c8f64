"""While nobody says that they have it, the next level is called: in time, once, then no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core import calling
from bot.core.errors import TemporaryError
from bot.core.facts import Escalated, Fact, Raised, Taken, Unheard, Wish
from bot.core.incident import Incident
from bot.core.ladder import Need
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import WAITING, House

NOVEL = builders.an_alert(name="NobodyKnowsThis")
TWO = {
    "levels": [
        {"roles": ["shop"], "wait": "10m"},
        {"groups": ["leads"], "wait": "20m", "page": False},
    ]
}


def with_levels(house: House, escalation: object = TWO, **rules: object) -> None:
    roles = {"shop": {"schedules": ["rota:shop"]}}
    rota = {"people": ["U7"], "zone": "UTC", "first": "2026-01-01"}
    given = {"roles": roles, "rotas": {"shop": rota}, "escalation": escalation, **rules}
    house.library = builders.a_library(rulebook=builders.a_rulebook(**given))
    house.pager.schedules["rota:shop"] = frozenset({"U7"})


async def novel(house: House) -> Incident:
    await house.fire(NOVEL)
    return await house.until(State.ESCALATED)


async def of(house: House, *kinds: type[Fact]) -> list[Fact]:
    return [fact for kind in kinds for fact in await house.facts(kind)]


async def test_r21_who_is_on_call_is_called_next_and_then_the_leads_and_then_nobody(
    house: House,
) -> None:
    with_levels(house)
    await novel(house)
    await house.pass_(599)
    early = await house.facts(Raised)
    await house.pass_(1)
    first = await house.facts(Raised)
    await house.pass_(1200)
    both = await house.facts(Raised)
    await house.pass_(1200)
    unheard = await house.facts(Unheard)
    await house.pass_(100_000)

    assert early == []
    assert first == [Raised(level=2, calls=("U7",), who=("U7",), page=True)]
    assert both[1:] == [Raised(level=3, calls=("leads",), who=("U9",), page=False)]
    assert unheard == [Unheard(levels=3)]
    assert await of(house, Raised, Unheard) == [*both, *unheard]


async def test_who_has_it_ends_the_calling(house: House) -> None:
    with_levels(house)
    known = await novel(house)
    await house.pass_(300)
    answer = await house.calls.take(known.id, "U1")
    await house.pass_(10_000)

    assert answer.done
    assert house.of(known.id).taken == Taken(by="U1")
    assert await of(house, Raised, Unheard) == []


async def test_the_first_who_takes_it_has_it(house: House) -> None:
    with_levels(house)
    known = await novel(house)
    await house.calls.take(known.id, "U1")
    again = await house.calls.take(known.id, "U2")

    assert again.text == "<@U1> has it already."
    assert await house.facts(Taken) == [Taken(by="U1")]


async def test_only_who_is_called_or_may_operate_heal_can_take_it(house: House) -> None:
    with_levels(house)
    known = await novel(house)
    stranger = await house.calls.take(known.id, "U77")
    house.people.away = True
    unknown = await house.calls.take(known.id, "U77")
    house.people.away = False
    level = await house.calls.take(known.id, "U7")

    assert stranger.text.startswith("Only those who are called for it")
    assert unknown.text.startswith("I could not check who may take it")
    assert level.done


async def test_nobody_can_take_what_calls_nobody(house: House) -> None:
    await house.asked()
    answer = await house.calls.take(house.incident.id, "U1")

    assert not answer.done


async def test_an_alert_that_clears_calls_nobody_further(house: House) -> None:
    with_levels(house)
    await novel(house)
    await house.resolve(NOVEL)
    await house.pass_(10_000)

    assert await of(house, Raised, Unheard) == []


async def test_a_restart_goes_on_with_the_same_deadlines_and_calls_nobody_twice(
    house: House,
) -> None:
    with_levels(house)
    await novel(house)
    await house.restart(away=599)
    await house.settle()
    before = await house.facts(Raised)
    await house.pass_(1)
    await house.restart()
    await house.pass_(60)
    after = await house.facts(Raised)
    await house.restart(away=5_000)
    await house.settle()

    assert (before, [one.level for one in after]) == ([], [2])
    assert [one.level for one in await house.facts(Raised)] == [2, 3]
    assert await house.facts(Unheard) == [Unheard(levels=3)]


async def test_what_policy_said_when_it_began_holds_to_its_end(house: House) -> None:
    with_levels(house)
    await novel(house)
    with_levels(house, {"levels": []})
    await house.pass_(600)

    assert [one.level for one in await house.facts(Raised)] == [2]


async def test_unless_policy_says_otherwise_those_of_high_risk_are_next(house: House) -> None:
    rules = builders.a_rulebook(approvers={"low": {"groups": ["oncall"]},
                                           "high": {"groups": ["leads"]}})  # fmt: skip
    house.library = builders.a_library(rulebook=rules)
    known = await novel(house)
    await house.pass_(900)

    assert known.escalated is not None
    assert [(one.groups, one.wait) for one in known.escalated.levels] == [(("leads",), 900)]
    assert [one.calls for one in await house.facts(Raised)] == [("leads",)]


async def test_a_line_of_policy_has_other_levels_for_some_services_and_roles(
    house: House,
) -> None:
    lines = [
        {"services": ["other"], "levels": []},
        {"roles": ["nobody"], "levels": []},
        {"services": ["shop"], "roles": ["on*"], "levels": [{"people": ["U8"], "wait": "1m"}]},
    ]
    with_levels(house, {**TWO, "lines": lines})
    await novel(house)
    await house.pass_(60)

    assert [one.calls for one in await house.facts(Raised)] == [("U8",)]


async def test_who_has_it_at_the_pager_is_asked_before_anybody_is_woken(house: House) -> None:
    async def nobody(_: Incident) -> tuple[str, str]:
        raise TemporaryError("the pager does not answer")

    async def bea(_: Incident) -> tuple[str, str]:
        return "Bea", "pagerduty"

    house.holders = [nobody, bea]
    await house.restart()
    with_levels(house)
    await novel(house)
    await house.pass_(10_000)

    assert await of(house, Taken, Raised, Unheard) == [Taken(by="Bea", at="pagerduty")]


async def test_who_takes_it_at_the_pager_is_seen_long_before_its_time_is_over(
    house: House,
) -> None:
    there = ["", "pagerduty"]

    async def by_then(_: Incident) -> tuple[str, str]:
        return there[0], there[1]

    house.holders = [by_then]
    await house.restart()
    with_levels(house)
    known = await novel(house)
    await house.pass_(60)
    before = house.of(known.id).taken
    there[0] = "Bea"
    await house.pass_(60)

    assert before is None
    assert house.of(known.id).taken == Taken(by="Bea", at="pagerduty")


async def test_a_pager_that_does_not_answer_keeps_nobody_from_being_called(house: House) -> None:
    async def nobody(_: Incident) -> tuple[str, str]:
        raise TemporaryError("the pager does not answer")

    house.holders = [nobody]
    await house.restart()
    with_levels(house)
    await novel(house)
    await house.pass_(600)

    assert [one.level for one in await house.facts(Raised)] == [2]


async def test_people_who_cannot_be_asked_about_are_named_as_policy_names_them(
    house: House,
) -> None:
    with_levels(house)
    await novel(house)
    house.pager.away = house.people.away = True
    await house.pass_(1800)

    assert [one.calls for one in await house.facts(Raised)] == [(), ("leads",)]


@pytest.mark.parametrize("entries", range(1, 14))
async def test_killed_after_any_entry_each_level_is_called_once(
    tmp_path: Path, entries: int
) -> None:
    house = House(tmp_path / "heal.db")
    with_levels(house)

    async def drive(house: House) -> None:
        await house.fire(NOVEL)
        await house.until(State.ESCALATED)
        await house.pass_(4000)

    try:
        await house.dies(drive, entries)
        raised = await house.facts(Raised)
        assert [one.level for one in raised] == [2, 3]
        assert await house.facts(Unheard) == [Unheard(levels=3)]
    finally:
        await house.close()


async def test_r53_what_heals_or_waits_for_a_yes_pages_nobody(house: House) -> None:
    await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)

    assert await of(house, Escalated, Raised) == []


async def test_r53_a_run_that_did_not_help_pages_at_once(house: House) -> None:
    house.get_well = lambda: None  # type: ignore[method-assign]
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=600)

    assert known.escalated is not None
    assert (known.escalated.need, known.escalated.page) == (Need.FAILED, True)


async def test_r53_what_no_runbook_fits_pages_at_once(house: House) -> None:
    known = await novel(house)

    assert known.escalated is not None
    assert (known.escalated.need, known.escalated.page) == (Need.NOVEL, True)


async def test_what_nobody_answered_in_time_pages_at_once(house: House) -> None:
    await house.asked()
    known = await house.until(State.EXPIRED, within=1000)

    assert known.escalated is not None
    assert (known.escalated.need, known.escalated.page) == (Need.UNHEARD, True)
    assert calling.next_due(known) is not None


async def test_what_policy_refuses_is_paged_only_when_nobody_takes_it(house: House) -> None:
    frozen = {"name": "freeze", "starts": "2020-01-01T00:00:00Z", "ends": "2099-01-01T00:00:00Z"}
    with_levels(house, freezes=[frozen])
    await house.fire()
    known = await house.until(State.ESCALATED)
    await house.pass_(600)

    assert known.escalated is not None
    assert (known.escalated.need, known.escalated.page) == (Need.REFUSED, False)
    assert [one.page for one in await house.facts(Raised)] == [True]


async def test_who_pauses_a_plan_has_it_and_nobody_is_called(house: House) -> None:
    await house.asked()
    await house.requests.pause(house.incident.id, 1, "U1")
    known = await house.until(State.ESCALATED)

    assert known.escalated is not None
    assert (known.escalated.need, known.escalated.levels) == (None, ())


async def test_a_wish_that_was_not_begun_calls_nobody_but_who_asked(house: House) -> None:
    frozen = {"name": "freeze", "starts": "2020-01-01T00:00:00Z", "ends": "2099-01-01T00:00:00Z"}
    with_levels(house, freezes=[frozen])
    place = {"service": "shop", "environment": "production"}
    await house.requests.wish(Wish(by="U5", runbook="raise-pool", given=place), "C0ALERTS", "")
    known = await house.until(State.ESCALATED)
    await house.pass_(10_000)

    assert known.escalated is not None
    assert (known.escalated.to, known.escalated.need) == ("U5", None)
    assert await of(house, Raised, Unheard) == []


async def test_a_question_that_is_open_calls_no_level(house: House) -> None:
    with_levels(house)
    await house.asked()
    await house.pass_(200)

    assert (house.incident.state, await of(house, Raised)) == (WAITING, [])
