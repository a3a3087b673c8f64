"""Alerts become incidents: one trouble is one incident, and what came back was not fixed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core import facts
from bot.core.alert import Alert, AlertStatus, Severity, Thread
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import SICK, WAITING, House, later

CART = {"service": "cart", "environment": "production"}


async def resolved(house: House) -> str:
    name = await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    house.health.says(SICK)
    return name


async def test_three_hundred_alerts_of_one_service_are_one_incident(house: House) -> None:
    alerts = [builders.an_alert(fingerprint=f"f{number}") for number in range(300)]
    names = await house.intake.take(alerts)
    await house.settle()

    assert len(names) == len(house.cases.recent(999)) == 1
    assert house.incident.seen == 300


async def test_d02_the_same_alert_four_times_is_taken_once(house: House) -> None:
    alert = builders.an_alert()
    names = await house.intake.take([alert] * 4)
    await house.settle()

    assert (len(names), house.incident.seen) == (1, 1)
    assert not await house.facts(facts.Joined)


async def test_two_services_are_two_incidents(house: House) -> None:
    names = await house.intake.take(
        [builders.an_alert(), builders.an_alert(fingerprint="f2", labels=CART)]
    )

    assert len(names) == 2


async def test_one_service_in_two_environments_is_two_incidents(house: House) -> None:
    labels = {"service": "shop", "environment": "staging"}
    names = await house.intake.take(
        [builders.an_alert(), builders.an_alert(fingerprint="f2", labels=labels)]
    )

    assert len(names) == 2


async def test_the_end_of_something_unknown_is_not_a_trouble(house: House) -> None:
    assert await house.resolve() == ""
    assert await house.entries() == []


def ended(**changes: Any) -> Alert:
    return builders.an_alert(
        source="sentry", fingerprint="sentry-6f629a311b84f38b", status=AlertStatus.RESOLVED
    ).model_copy(update=changes)


@pytest.mark.parametrize(
    "labels", [{"project": "api"}, {"service": "shop"}, {"environment": "production"}]
)
async def test_an_end_that_says_less_than_its_beginning_ends_it_by_its_number(
    house: House, labels: dict[str, str]
) -> None:
    """Sentry resolves an issue without the tags of its events."""
    [name] = await house.intake.take([ended(status=AlertStatus.FIRING)])

    assert await house.intake.take([ended(labels=labels)]) == (name,)
    assert not house.incident.fires


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"service": "cart"}},
        {"labels": {"environment": "staging"}},
        {"labels": {}, "source": "dynatrace"},
        {"labels": {}, "fingerprint": "sentry-0000000000000000"},
    ],
)
async def test_an_end_that_contradicts_it_ends_nothing(
    house: House, changes: dict[str, Any]
) -> None:
    await house.intake.take([ended(status=AlertStatus.FIRING)])

    assert await house.intake.take([ended(**changes)]) == ()
    assert house.incident.fires


async def test_what_its_system_did_not_number_is_not_ended_by_less(house: House) -> None:
    await house.intake.take([ended(status=AlertStatus.FIRING, fingerprint="disk-full")])

    assert await house.intake.take([ended(labels={}, fingerprint="disk-full")]) == ()
    assert house.incident.fires


async def test_an_alert_that_names_no_service_stands_for_itself_and_goes_to_a_person(
    house: House,
) -> None:
    first = await house.fire(builders.an_alert(labels={}))
    second = await house.fire(builders.an_alert(labels={}, fingerprint="f2"))
    known = await house.until(State.ESCALATED, name=first)

    assert first != second
    assert known.chosen is not None
    assert "it says nowhere what is affected" in known.chosen.misses[0].reason


async def test_secrets_in_an_alert_never_reach_the_ledger(house: House) -> None:
    alert = builders.an_alert(
        annotations={"summary": "login failed with password=hunter22"},
        labels={**builders.an_alert().labels, "dsn": "postgres://app:pa55word@db/shop"},
        link="https://alerts.example/?token=abcdefgh",
    )
    await house.fire(alert)
    await house.settle()
    written = "".join(entry.body for entry in await house.entries())

    assert not [word for word in ("hunter22", "pa55word", "abcdefgh") if word in written]


async def test_a_long_summary_is_cut_for_the_title(house: House) -> None:
    await house.fire(builders.an_alert(annotations={"summary": "x" * 500}))

    assert len(house.incident.opened.title) == 150


async def test_an_alert_of_the_same_trouble_joins_the_open_incident(house: House) -> None:
    first = await house.asked()
    second = await house.fire(builders.an_alert(fingerprint="f2", severity=Severity.INFO))
    known = house.of(first)

    assert (first, known.seen, known.severity) == (second, 2, Severity.CRITICAL)


async def test_it_is_all_clear_only_when_every_alert_is_resolved(house: House) -> None:
    two = builders.an_alert(fingerprint="f2")
    await house.asked()
    await house.fire(two)
    await house.resolve()
    await house.settle()

    assert house.incident.state is WAITING

    await house.resolve(two)

    assert (await house.until(State.WITHDRAWN)).firing == ()


async def test_an_end_that_is_told_twice_is_taken_once(house: House) -> None:
    await house.healed()
    await house.resolve()
    await house.resolve()
    await house.until(State.RESOLVED)

    assert len(await house.facts(facts.Joined)) == 1


async def test_a_sender_that_repeats_what_has_ended_opens_nothing(house: House) -> None:
    name = await house.asked()
    await house.vote(yes=False)
    await house.until(State.REJECTED)

    assert await house.fire() == name
    assert len(house.cases.recent(9)) == 1


async def test_a_new_episode_after_a_rejection_is_a_new_incident(house: House) -> None:
    first = await house.asked()
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    second = await house.fire(later(900))

    assert first != second
    assert house.of(second).opened.relapse_of == ""


async def test_what_comes_back_inside_the_relapse_window_was_not_fixed(house: House) -> None:
    first = await resolved(house)
    await house.pass_(1199)
    second = await house.fire(later(1199))
    known = house.of(first)

    assert (known.state, known.came_back and known.came_back.again) == (State.NOT_FIXED, second)
    assert house.of(second).opened.relapse_of == first


async def test_what_comes_back_after_the_relapse_window_is_a_trouble_of_its_own(
    house: House,
) -> None:
    first = await resolved(house)
    await house.pass_(1201)
    second = await house.fire(later(1201))

    assert (house.of(first).state, house.of(second).opened.relapse_of) == (State.RESOLVED, "")


async def test_a_relapse_is_counted_as_a_failed_attempt(house: House) -> None:
    first = await resolved(house)
    await house.fire(later(100))

    assert [(one.incident, one.failed) for one in house.cases.attempts()] == [(first, True)]


async def test_a_return_that_is_told_twice_is_one_new_incident(house: House) -> None:
    first = await resolved(house)
    second = await house.fire(later(100))
    third = await house.fire(later(100))

    assert second == third != first


async def test_a_return_that_was_promised_before_a_death_is_opened_under_its_name(
    house: House,
) -> None:
    await house.fire()
    await house.fire(builders.an_alert(fingerprint="f2"))
    await house.until(WAITING)
    await house.vote()
    await house.until(State.HEALED, within=60)
    await house.resolve()
    news = facts.News(cleared=False, again="inc-promised")
    await house.journal.close(0)
    await house.journal.signal("inc-a1", "keep", news.body, "alertmanager", kind=news.kind)
    name = await house.fire(later(100))

    assert name == "inc-promised"


HERE, THERE = Thread(channel="C7", root="1.2"), Thread(channel="C8", root="3.4")


async def test_an_incident_is_spoken_of_where_its_alert_was(house: House) -> None:
    first = await house.fire(builders.an_alert(thread=HERE))
    joined = await house.fire(builders.an_alert(thread=THERE, fingerprint="f2"))

    assert first == joined
    assert (house.incident.opened.channel, house.incident.opened.thread) == ("C7", "1.2")


async def test_what_comes_back_is_spoken_of_where_it_came_back(house: House) -> None:
    await resolved(house)
    again = later(60, builders.an_alert(thread=THERE))
    opened = house.of(await house.fire(again)).opened

    assert opened.relapse_of
    assert (opened.channel, opened.thread) == ("C8", "3.4")


async def test_more_of_what_a_person_was_called_for_is_theirs_and_calls_nobody_anew(
    house: House,
) -> None:
    unheard = builders.an_alert(name="Unheard")
    first = await house.fire(unheard)
    await house.until(State.ESCALATED)
    others = [unheard.model_copy(update={"fingerprint": f"f{n}"}) for n in range(2, 30)]
    found = {await house.fire(one) for one in (*others, *others)}
    called = await house.facts(facts.Escalated)

    assert (found, len(called), house.incident.seen) == ({first}, 1, 29)
    assert len(await house.facts(facts.Joined)) == 28, "a repetition is no entry"


async def test_more_of_what_was_rejected_is_not_asked_anew(house: House) -> None:
    first = await house.asked()
    await house.vote(yes=False)
    await house.until(State.REJECTED)

    assert await house.fire(builders.an_alert(fingerprint="f2")) == first


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({"name": "DiskFull"}, 0),
        ({"severity": Severity.CRITICAL}, 0),
        ({}, 3601),
    ],
)
async def test_what_is_other_worse_or_long_after_is_a_new_trouble(
    house: House, changes: dict[str, object], passed: float
) -> None:
    unheard = builders.an_alert(name="Unheard", severity=Severity.WARNING)
    first = await house.fire(unheard)
    await house.until(State.ESCALATED)
    house.clock.advance(passed)
    other = unheard.model_copy(update={"fingerprint": "f2", **changes})

    assert await house.fire(other) != first


async def test_a_person_who_saw_it_clear_is_called_when_it_fires_again(house: House) -> None:
    unheard = builders.an_alert(name="Unheard")
    first = await house.fire(unheard)
    await house.until(State.ESCALATED)
    await house.resolve(unheard)

    assert await house.fire(unheard.model_copy(update={"fingerprint": "f2"})) != first


async def test_an_incident_is_as_bad_as_policy_takes_its_sender_s_word_for(house: House) -> None:
    house.library = builders.a_library(
        rulebook=builders.a_rulebook(severities={"words": {"moderate": "critical"}})
    )
    labels = {**builders.an_alert().labels, "severity": "moderate"}
    await house.fire(builders.an_alert(severity=Severity.WARNING, labels=labels))
    known = await house.until(WAITING)
    critical = [one for one in known.planned.verdicts if one.rule == "critical"]  # type: ignore[union-attr]

    assert (known.severity, critical[0].ruling.name) == (Severity.CRITICAL, "ASK")
