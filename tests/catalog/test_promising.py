"""Golden tests of detectors: what their authors promise, held against what they see."""

from __future__ import annotations

from typing import Any

import pytest

from bot.catalog.golden import Result
from bot.catalog.promising import run_tests
from bot.core.catalogue import Service
from bot.core.detector import Detector
from tests.core.remedies import a_service

FACTS = {"disk_path": "/"}
TEST: dict[str, Any] = {
    "name": "a full disk is trouble",
    "service": {"facts": FACTS},
    "evidence": {"disk": {"percent": 91.5}},
    "expect": {"watched": True, "firing": True, "over": False, "summary": "is 91.5 % full"},
}


def result(*services: Service, written: dict[str, Any] | None = None, **changes: Any) -> Result:
    given = {
        "detector": "disks",
        "for": "has(service.facts.disk_path)",
        "probes": [{"probe": "host.disk_usage", "as": "disk"}],
        "firing": "disk.percent > 85.0",
        "resolved": "disk.percent < 80.0",
        "alert": {"name": "DiskAlmostFull", "summary": "the disk is ${disk.percent} % full"},
        "tests": [{**TEST, **changes}],
        **(written or {}),
    }
    (only,) = run_tests(Detector.model_validate(given), services)
    return only


def test_a_detector_that_keeps_its_promises_passes() -> None:
    assert result() == Result("disks", "a full disk is trouble")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expect": {"watched": False}}, "watched is true: it sees trouble"),
        ({"service": {"facts": {}}}, "watched is false: it sees trouble"),
        ({"expect": {"firing": False}}, "firing is true: it sees trouble"),
        ({"evidence": {"disk": {"percent": 84.9}}}, "firing is false: it sees between"),
        ({"evidence": {}}, "firing is false: it sees blind (disk: nothing was read)"),
        ({"expect": {"over": True}}, "over is false: it sees trouble"),
        (
            {"expect": {"over": False}, "evidence": {"disk": {"percent": 79.9}}},
            "over is true: it sees clear",
        ),
        ({"expect": {"summary": "80 %"}}, "summary is 'the disk is 91.5 % full', without '80 %'"),
        ({"service": None}, "it is about no service: say which one by `service`"),
    ],
)
def test_a_broken_promise_is_told_with_what_came_instead(
    changes: dict[str, Any], said: str
) -> None:
    assert said in result(**changes).broken


def test_without_a_service_it_is_about_the_first_that_the_detector_looks_at() -> None:
    services = a_service(name="web"), a_service(name="disk", facts=FACTS)

    assert result(*services, service=None).passed


def test_a_detector_of_one_service_is_tried_as_that() -> None:
    alert = {"name": "Full", "service": "shop", "environment": "demo",
             "summary": "${service.name} is 91.5 % full"}  # fmt: skip

    assert result(written={"for": None, "alert": alert}).passed
