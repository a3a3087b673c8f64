"""What comes again and again is asked for, unless policy lists it as a standard change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.occurrence import Fired
from bot.core.policy import flapping, repeat_offender
from bot.core.policy.rules import Rule
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import HOUR, MINUTE, NOW, a_case, a_plan, a_rulebook

DAY = 24 * HOUR


def fired(*agos: timedelta, alert: str = "ServiceDown", incident: str = "") -> tuple[Fired, ...]:
    return tuple(
        Fired(alert=alert, at=NOW - ago, incident=incident or f"inc-{number}")
        for number, ago in enumerate(agos)
    )


THRICE = fired(29 * MINUTE, 10 * MINUTE, 0 * MINUTE)
FIVE = fired(6 * DAY, 5 * DAY, 4 * DAY, 3 * DAY, 0 * DAY)


@pytest.mark.parametrize(
    ("given", "ruling"),
    [
        (THRICE, Ruling.ASK),
        (THRICE[1:], Ruling.ALLOW),
        (fired(30 * MINUTE, 10 * MINUTE, 0 * MINUTE), Ruling.ALLOW),
        ((*fired(MINUTE, alert="DiskFull"), *THRICE[1:]), Ruling.ALLOW),
        (fired(3 * MINUTE, 2 * MINUTE, MINUTE, incident="inc-1"), Ruling.ASK),
    ],
)
def test_three_times_in_thirty_minutes_is_flapping(
    given: tuple[Fired, ...], ruling: Ruling
) -> None:
    assert flapping.judge(a_case(fired=given)).ruling is ruling


@pytest.mark.parametrize(
    ("given", "ruling"),
    [
        (FIVE, Ruling.ASK),
        (FIVE[1:], Ruling.ALLOW),
        (fired(7 * DAY, 5 * DAY, 4 * DAY, 3 * DAY, 0 * DAY), Ruling.ALLOW),
        (fired(5 * DAY, 4 * DAY, 3 * DAY, DAY, 0 * DAY, incident="inc-1"), Ruling.ALLOW),
    ],
)
def test_five_incidents_in_a_week_are_a_repeat_offender(
    given: tuple[Fired, ...], ruling: Ruling
) -> None:
    assert repeat_offender.judge(a_case(fired=given)).ruling is ruling


@pytest.mark.parametrize(
    ("rule", "key", "given"),
    [(flapping, "flapping", THRICE), (repeat_offender, "repeat_offender", FIVE)],
)
@pytest.mark.parametrize(
    ("runbook", "service", "ruling"),
    [
        ("restart-shop", "shop", Ruling.ALLOW),
        ("restart-shop", "cart", Ruling.ASK),
        ("scale-shop", "shop", Ruling.ASK),
    ],
)
def test_only_this_runbook_on_this_service_is_a_standard_change(
    rule: Rule, key: str, given: tuple[Fired, ...], runbook: str, service: str, ruling: Ruling
) -> None:
    section = {"times": 3, "within": "7d", "standard": [{"runbook": runbook, "service": service}]}
    case = a_case(fired=given, plan=a_plan(), rulebook=a_rulebook(**{key: section}))

    assert rule.judge(case).ruling is ruling


def test_it_is_said_how_often() -> None:
    assert flapping.judge(a_case(fired=THRICE)).reason == (
        "flapping: 3 times in 30 min: a person looks why"
    )
    assert repeat_offender.judge(a_case(fired=FIVE)).reason == (
        "repeat offender: 5 incidents in 7 days: healing it again does not find its cause"
    )
