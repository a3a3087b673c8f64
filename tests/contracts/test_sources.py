"""What every source owes, tried with every message in tests/sources/payloads/."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from bot.core import redaction
from bot.core.alert import Alert
from bot.core.errors import AlertRejected
from bot.slack.cards import root
from tests import builders
from tests.slack.cards import hostile, test_hostile
from tests.sources import samples
from tests.sources.samples import NAMES, NOW, Sample

MUTANTS = 10_000
PLANTED = "hunter2planted"
EVIL = "".join(fragment for fragment in hostile.FRAGMENTS if fragment != "\x00") + (
    "${alert.labels.x} ${1+1} {{ 7*7 }} $(id) `id`; rm -rf / | sh && size(alert) == 0"
)
LINK = re.compile(r"<https?://([^/<>|\s:?#]+)[^<>|\s]*\|\1>")
"""As a card links to the alert's page: what is shown is where it goes."""
each_source = pytest.mark.parametrize("name", NAMES)


def read(name: str, sample: Sample, body: bytes | None = None) -> list[Alert]:
    return samples.made(name).read(sample.posted(body))


@each_source
def test_it_is_known_by_messages_that_fire_and_that_resolve_the_same(name: str) -> None:
    alerts = [alert for sample in samples.of(name) for alert in read(name, sample)]
    fired = {alert.fingerprint for alert in alerts if alert.firing}
    over = {alert.fingerprint for alert in alerts if not alert.firing}

    assert {alert.source for alert in alerts} == {name}
    assert fired & over, "payloads/ wants the same trouble as it fires and as it is resolved"


@each_source
def test_every_message_says_where_it_comes_from(name: str) -> None:
    told = (samples.PAYLOADS / "README.md").read_text(encoding="utf-8")

    for sample in samples.of(name):
        stem = sample.file.partition(".")[0]
        assert f"`{sample.file}`" in told or f"`{name}_*.json`" in told, stem


@each_source
def test_a_message_is_read_the_same_twice_and_names_its_headers(name: str) -> None:
    source = samples.made(name)
    for sample in samples.of(name):
        kept = {one: sample.headers[one] for one in source.reads if one in sample.headers}

        assert read(name, sample) == read(name, sample._replace(headers=kept))


@each_source
def test_c10_ten_thousand_spoilt_messages_are_read_within_bounds_or_refused(name: str) -> None:
    random = Random(name)
    kept = samples.of(name)
    for number in range(MUTANTS):
        body = samples.spoilt(kept[number % len(kept)], random)
        for alert in accepted(name, kept[number % len(kept)], body):
            check_bounds(alert, name)


def accepted(name: str, sample: Sample, body: bytes) -> list[Alert]:
    """What is read of it; anything else than AlertRejected fails the test."""
    alerts, refused = tried(name, sample, body)
    if refused is not None:
        assert refused.status in {413, 422}
        assert 0 < len(str(refused)) < 1000
    return alerts


def tried(name: str, sample: Sample, body: bytes) -> tuple[list[Alert], AlertRejected | None]:
    try:
        return read(name, sample, body), None
    except AlertRejected as error:
        return [], error


def check_bounds(alert: Alert, name: str) -> None:
    assert alert == Alert.model_validate_json(alert.model_dump_json())
    assert alert.source == name
    assert alert.name.strip()
    assert alert.fingerprint.strip()
    assert len(alert.labels) <= 64 + 8
    assert len(alert.annotations) <= 64 + 8
    assert all(len(key) <= 200 and len(text) <= 2000 for key, text in alert.labels.items())
    assert all(len(text) <= 10_000 for text in alert.annotations.values())
    assert alert.link is None or alert.link.startswith(("http://", "https://"))


@each_source
def test_garbage_in_one_place_never_turns_firing_into_resolved_or_back(name: str) -> None:
    for sample, value in documents(name):
        right = {alert.fingerprint: alert.firing for alert in read(name, sample)}
        for place, _ in samples.leaves(value):
            for garbage in ("qzx-77", None, 7_777_777, ["qzx"], {"qzx": 1}):
                body = json.dumps(samples.replaced(value, place, garbage)).encode()
                turned = [
                    alert
                    for alert in accepted(name, sample, body)
                    if right.get(alert.fingerprint, alert.firing) is not alert.firing
                ]
                assert turned == [], (sample.file, place, garbage)


@each_source
def test_a_refusal_repeats_nothing_that_was_sent(name: str) -> None:
    for sample, value in documents(name):
        for place, held in samples.leaves(value):
            planted: Any = PLANTED if not isinstance(held, str) else [PLANTED]
            body = json.dumps(samples.replaced(value, place, planted)).encode()
            _, refused = tried(name, sample, body)

            assert PLANTED not in str(refused), place


@each_source
def test_hostile_words_in_any_place_reach_a_card_as_words(name: str) -> None:
    for sample, value in documents(name):
        for place, held in samples.leaves(value):
            for evil in (EVIL, f"{held} {EVIL}", f"{EVIL} {held}"):
                body = json.dumps(samples.replaced(value, place, evil)).encode()
                for alert in accepted(name, sample, body):
                    check_card(alert)


def check_card(alert: Alert) -> None:
    kept = redaction.of_alert(alert)
    opening = builders.an_opening(
        alert=kept, service=kept.service, environment=kept.environment, title=kept.summary[:150]
    )
    incident = builders.an_incident(opening)
    card = root.card(incident, NOW)
    for said in (card.text, *test_hostile.marked([*card.blocks])):
        ours = LINK.sub("", test_hostile.OWN.sub("", said))

        assert "<" not in ours, said
        assert ">" not in ours, said


@each_source
async def test_without_a_secret_nobody_is_authentic(name: str) -> None:
    source = samples.made(name)

    assert source.locks == ()
    for sample in samples.of(name):
        assert await source.authentic(sample.posted())


def documents(name: str) -> Iterator[tuple[Sample, Any]]:
    """The messages that are JSON as a whole, read."""
    for sample in samples.of(name):
        try:
            yield sample, json.loads(sample.body)
        except ValueError:
            continue
