"""A storm wakes nobody without end: so many pages a minute, then one for the rest; none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core import calling
from bot.core.alert import Alert, Severity
from bot.core.facts import Escalated, Gathered, Opened
from bot.core.lifecycle import State
from bot.engine.paging import LISTED
from tests import builders
from tests.engine.houses import House

MOST = 2


def alert(number: int, severity: Severity = Severity.WARNING) -> Alert:
    labels = {"service": f"s{number}", "environment": "production"}
    return builders.an_alert(
        name=f"NobodyKnows{number}", fingerprint=f"f{number}", labels=labels, severity=severity
    )


def stormy(house: House, levels: object = (), most: int = MOST) -> House:
    """One pager, at which everything rings at one place."""
    house.routes.append(lambda _: "phone")
    rules = {"escalation": {"most_pages": most, "levels": levels}}
    house.library = builders.a_library(rulebook=builders.a_rulebook(**rules))
    return house


@pytest.fixture
async def storm(path: Path) -> House:
    return stormy(House(path))


async def novel(house: House, *numbers: int) -> list[str]:
    names = []
    for number in numbers:
        names.append(await house.fire(alert(number)))
        await house.until(State.ESCALATED, name=names[-1])
    return names


def called(house: House, name: str) -> Escalated:
    call = house.of(name).escalated
    assert call is not None
    return call


async def test_so_many_pages_ring_in_a_minute_and_one_tells_of_the_rest(storm: House) -> None:
    await storm.open()
    names = await novel(storm, 0, 1, 2, 3, 4)
    await storm.pass_(59)
    early = await storm.facts(Gathered)
    await storm.pass_(1)
    [gathered] = await storm.facts(Gathered)
    [lead] = [one for one in map(storm.of, names) if calling.gathered(one)]
    calls = [called(storm, name) for name in names]
    await storm.close()

    assert early == []
    assert [(one.page, one.held) for one in calls] == [(True, False)] * 2 + [(False, True)] * 3
    assert gathered.incidents == tuple(names[2:])
    assert gathered.lines[0] == f"{names[2]}: {lead.opened.title} (s2, production)"
    assert lead.id == names[2]


async def test_the_next_minute_has_pages_of_its_own(storm: House) -> None:
    await storm.open()
    await novel(storm, 0, 1, 2)
    await storm.pass_(60)
    [late] = await novel(storm, 3)
    page = called(storm, late).page
    await storm.close()

    assert page


async def test_the_one_page_is_about_the_worst_of_them(storm: House) -> None:
    storm.library = builders.a_library(
        rulebook=builders.a_rulebook(
            escalation={"most_pages": 1, "levels": []},
            severities={"words": {"page": "critical", "ticket": "warning"}},
        )
    )
    await storm.open()
    names = []
    for number, word in enumerate(("ticket", "ticket", "page")):
        one = alert(number)
        labels = {**one.labels, "severity": word}
        severity = Severity.CRITICAL if word == "page" else Severity.WARNING
        names.append(await storm.fire(one.model_copy(
            update={"labels": labels, "severity": severity})))  # fmt: skip
        await storm.until(State.ESCALATED, name=names[-1])
    await storm.pass_(60)
    [gathered] = await storm.facts(Gathered)
    await storm.close()

    assert gathered.incidents == (names[2], names[1])


async def test_what_rings_elsewhere_is_counted_and_told_by_itself(storm: House) -> None:
    storm.routes[:] = [lambda incident: incident.service[-1]]
    await storm.open()
    names = await novel(storm, 11, 21, 31, 41, 12)
    pages = [called(storm, name).page for name in names]
    await storm.pass_(60)
    [gathered] = await storm.facts(Gathered)
    await storm.close()

    assert pages == [True, True, False, False, True]
    assert gathered.incidents == tuple(names[2:4])


async def test_without_pagers_nothing_is_held_back(storm: House) -> None:
    storm.routes.clear()
    await storm.open()
    names = await novel(storm, 0, 1, 2)
    held = [called(storm, name).held for name in names]
    await storm.close()

    assert held == [False, False, False]


async def test_whoever_has_it_by_then_is_not_told_of_it_again(storm: House) -> None:
    await storm.open()
    names = await novel(storm, 0, 1, 2, 3)
    await storm.calls.take(names[2], "U1")
    await storm.pass_(60)
    [gathered] = await storm.facts(Gathered)
    await storm.close()

    assert gathered.incidents == (names[3],)


async def test_further_levels_are_held_back_and_told_of_as_well(path: Path) -> None:
    house = stormy(House(path), [{"people": ["U7"], "wait": "5m"}])
    await house.open()
    names = await novel(house, 0, 1, 2)
    await house.pass_(300)
    raised = [house.of(name).raised[0] for name in names]
    await house.pass_(60)
    gathered = await house.facts(Gathered)
    await house.close()

    assert sorted((one.page, one.held) for one in raised) == [(False, True)] + [(True, False)] * 2
    assert [one.level for one in gathered] == [1, 2]
    assert len(named(gathered)) == 2


def named(gathered: list[Gathered]) -> list[str]:
    return [name for one in gathered for name in one.incidents]


async def test_a_list_is_no_longer_than_people_read_and_names_all(path: Path) -> None:
    house = stormy(House(path), most=1)
    await house.open()
    names = await novel(house, *range(LISTED + 6))
    await house.pass_(60)
    [gathered] = await house.facts(Gathered)
    await house.close()

    assert gathered.incidents == tuple(names[1:])
    assert len(gathered.lines) == LISTED


async def story(house: House) -> None:
    """Five people are called for; whatever of it an earlier life did is not done again."""
    while len(await house.facts(Opened)) < 5:
        await house.fire(alert(len(await house.facts(Opened))))
        await house.settle()
    await house.pass_(61)


@pytest.mark.parametrize("entries", [6, 11, 19, 20, 21, 22])
async def test_a_life_that_ends_in_it_loses_no_page_and_sends_none_twice(
    path: Path, entries: int
) -> None:
    house = stormy(House(path), most=1)
    await house.dies(story, entries)
    calls, gathered = await house.facts(Escalated), await house.facts(Gathered)
    paged = [name for name in names_of(house) if called(house, name).page]
    held = [name for name in names_of(house) if called(house, name).held]
    await house.close()

    assert len(calls) == 5
    assert sorted(named(gathered)) == sorted(held)
    assert 1 <= len(paged) <= 2, "a death may forget that one was about to ring"
    assert held


def names_of(house: House) -> list[str]:
    return [one.id for one in house.cases.recent(10)]
