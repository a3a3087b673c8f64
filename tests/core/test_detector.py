"""A detector is as strict as a runbook: what it reads and what it raises must be said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.alert import Severity
from bot.core.detector import Detector

RAISED = {
    "name": "ServiceDown", "service": "shop", "environment": "demo", "summary": "it is down",
}  # fmt: skip
WRITTEN: dict[str, Any] = {
    "detector": "shop-is-down",
    "probes": [{"probe": "http.status", "as": "health", "with": {"url": "http://127.0.0.1/"}}],
    "firing": "health.status != 200",
    "alert": RAISED,
}


def test_it_looks_every_ten_seconds_and_waits_for_thirty() -> None:
    detector = Detector.model_validate(WRITTEN)

    assert (detector.every, detector.sustain) == (timedelta(seconds=10), timedelta(seconds=30))
    assert detector.alert.severity is Severity.WARNING


@pytest.mark.parametrize(
    "changes",
    [
        {"detector": "Shop Is Down"},
        {"probes": []},
        {"every": "2h"},
        {"sustain": 30},
        {"firing": None},
        {"alert": {**RAISED, "summary": "x"}},
        {"alert": {**RAISED, "approved": True}},
        {"unknown": 1},
    ],
)
def test_what_is_not_quite_right_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Detector.model_validate({**WRITTEN, **changes})
