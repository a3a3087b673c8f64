"""What every format of a channel's messages owes, tried with every message that the tests have."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from bot.core.alert import Alert, AlertStatus
from bot.slack.alerts import formats, settling
from tests.contracts import test_sources
from tests.slack.alerts import messages, vendors
from tests.sources import samples
from tests.sources.samples import NOW, Sample

MUTANTS = 2_000
"""Of each format; a message of Slack takes milliseconds, for it may be built in many ways."""
KNOWN: dict[str, list[dict[str, Any]]] = {
    "alertmanager": messages.CAPTURED,
    "grafana": [
        messages.grafana("FIRING:1", messages.one()),
        messages.grafana("RESOLVED", messages.one()),
    ],
    **{system: [*one["messages"].values()] for system, one in vendors.ALL.items()},
}
each_format = pytest.mark.parametrize("name", sorted(formats.FORMATS))


def heard(message: Any) -> list[Alert]:
    """The alerts of a message that nobody could be asked about."""
    told = formats.read(message) if isinstance(message, dict) else None
    return settling.settle(told, "", None, (), NOW) if told else []


def test_every_format_has_messages_here() -> None:
    assert set(KNOWN) == set(formats.FORMATS)


@each_format
def test_thousands_of_spoilt_messages_are_read_within_bounds_or_passed_over(name: str) -> None:
    random = Random(name)
    bodies = [Sample(name, {}, json.dumps(one).encode()) for one in KNOWN[name]]
    for number in range(MUTANTS):
        try:
            message = json.loads(samples.spoilt(bodies[number % len(bodies)], random))
        except (ValueError, RecursionError):
            continue
        for alert in heard(message):
            test_sources.check_bounds(alert, settling.SOURCE)
            assert alert.confidence == 0.0


@each_format
def test_hostile_words_in_any_place_reach_a_card_as_words(name: str) -> None:
    for message in KNOWN[name]:
        for place, held in samples.leaves(message):
            for evil in (test_sources.EVIL, f"{held} {test_sources.EVIL}"):
                for alert in heard(samples.replaced(message, place, evil)):
                    test_sources.check_card(alert)


@each_format
def test_every_format_knows_a_beginning_and_an_end(name: str) -> None:
    told = [found for one in KNOWN[name] if (found := formats.read(one)) is not None]

    assert {alert.status for one in told for alert in one.alerts} == set(AlertStatus)
