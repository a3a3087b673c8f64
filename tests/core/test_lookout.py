"""Where a detector looks, and what one look amounts to: trouble, its end, neither, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core import lookout
from bot.core.catalogue import Service
from bot.core.detector import Detector
from bot.core.lookout import Sight
from bot.core.values import Facts
from tests.core.remedies import a_service

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def disks(**changes: Any) -> Detector:
    """Every service that has a disk, trouble above 85 % and over below 80 %."""
    written = {
        "detector": "disk-almost-full",
        "for": "has(service.facts.disk_path)",
        "probes": [
            {"probe": "host.disk_usage", "as": "disk"},
            {"probe": "http.status", "as": "page"},
        ],
        "firing": "disk.percent > 85.0",
        "resolved": "disk.percent < 80.0",
        "alert": {
            "name": "DiskAlmostFull",
            "summary": "the disk of ${service.name} is ${disk.percent} % full",
        },
    }
    return Detector.model_validate({**written, **changes})


def hosts(*names: str) -> list[Service]:
    return [a_service(name=name, facts={"disk_path": "/"}) for name in names]


def test_it_looks_at_each_service_that_its_for_holds_for() -> None:
    found = list(lookout.lookouts([disks()], [*hosts("web-1", "web-2"), a_service()]))

    assert [one.name for one in found] == [
        f"disk-almost-full at {name} in {one.environment}"
        for name, one in zip(("web-1", "web-2"), found, strict=True)
    ]
    assert len({one.raised(NOW).fingerprint for one in found}) == 2


def test_the_alert_that_it_cannot_see_is_another_than_the_one_that_it_sees_trouble() -> None:
    (one,) = lookout.lookouts([disks()], hosts("web-1"))
    raised, blind = one.alerts(NOW)

    assert raised.fingerprint != blind.fingerprint
    assert (raised.service, raised.environment) == (blind.service, blind.environment)


def test_lookouts_look_at_instants_of_their_own_that_stay_the_same() -> None:
    many = list(lookout.lookouts([disks()], hosts(*(f"web-{n}" for n in range(200)))))
    phases = [one.phase for one in many]

    tenths = [sum(n <= phase * 10 < n + 1 for phase in phases) for n in range(10)]

    assert all(0 <= phase < 1 for phase in phases)
    assert phases == [one.phase for one in many]
    assert min(tenths) > 5
    assert max(tenths) < 50


@pytest.mark.parametrize(
    ("evidence", "sight"),
    [
        ({"disk": {"percent": 85.1}, "page": {}}, Sight.TROUBLE),
        ({"disk": {"percent": 85.1}}, Sight.TROUBLE),
        ({"disk": {"percent": 85.0}, "page": {}}, Sight.BETWEEN),
        ({"disk": {"percent": 80.0}, "page": {}}, Sight.BETWEEN),
        ({"disk": {"percent": 79.9}, "page": {}}, Sight.CLEAR),
        ({"disk": {"percent": 79.9}}, Sight.BLIND),
        ({"page": {}}, Sight.BLIND),
        ({"disk": {}, "page": {}}, Sight.BLIND),
        ({"disk": {"percent": "much"}, "page": {}}, Sight.BLIND),
    ],
)
def test_only_a_real_yes_is_trouble_and_only_a_real_no_its_end(
    evidence: dict[str, Facts], sight: Sight
) -> None:
    unread = {name: "no answer" for name in ("disk", "page") if name not in evidence}
    seen = lookout.judge(disks(), hosts("web-1")[0], evidence, unread)

    assert seen.sight is sight
    assert bool(seen.why) is (sight is Sight.BLIND)


def test_without_a_condition_of_its_own_it_is_over_when_it_is_no_trouble() -> None:
    evidence: dict[str, Facts] = {"disk": {"percent": 84.9}, "page": {}}

    assert lookout.judge(disks(resolved=None), None, evidence, {}).sight is Sight.CLEAR


def test_that_it_is_over_must_be_seen_too() -> None:
    evidence: dict[str, Facts] = {"disk": {"percent": 10.0}, "page": {}}
    seen = lookout.judge(disks(resolved="disk.free > 5.0"), None, evidence, {})

    assert seen.sight is Sight.BLIND
    assert "free" in seen.why


def test_the_sentence_says_where_and_how_much() -> None:
    evidence: dict[str, Facts] = {"disk": {"percent": 91.5}, "page": {}}
    seen = lookout.judge(disks(), hosts("web-1")[0], evidence, {})

    assert seen.summary == "the disk of web-1 is 91.5 % full"


def test_a_sentence_that_cannot_be_filled_does_not_hide_the_trouble() -> None:
    told = {"name": "DiskAlmostFull", "summary": "${page.status} and full"}
    seen = lookout.judge(disks(alert=told), None, {"disk": {"percent": 91.5}}, {"page": "no"})

    assert (seen.sight, seen.summary) == (Sight.TROUBLE, "${page.status} and full")


def test_why_an_alert_is_over_is_believed_of_a_detector_only() -> None:
    (one,) = lookout.lookouts([disks()], hosts("web-1"))
    own = lookout.over(one.raised(NOW), NOW, "its detector is gone")
    foreign = own.model_copy(update={"source": "alertmanager"})

    assert lookout.why_over([foreign, own]) == "its detector is gone"
    assert lookout.why_over([foreign]) == ""
