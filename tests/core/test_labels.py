"""Labels say how bad and how sure, and what an alert is called everywhere."""

from __future__ import annotations

import pytest

from bot.core import labels


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"alertname": "CrashLoop", "pod": "a", "service": "shop"}, "4900b60dbf3f66b6"),
        ({"service": "shop", "pod": "a", "alertname": "CrashLoop"}, "4900b60dbf3f66b6"),
        ({"alertname": "Grösse", "under": "ü€"}, "6c90227b41b62214"),
    ],
)
def test_a_fingerprint_is_the_one_that_a_real_alertmanager_gave(
    named: dict[str, str], expected: str
) -> None:
    assert labels.fingerprint(named) == expected


def test_names_and_values_do_not_run_into_each_other() -> None:
    assert labels.fingerprint({"a": "bc"}) != labels.fingerprint({"ab": "c"})


def test_half_a_surrogate_pair_has_a_fingerprint_too() -> None:
    assert labels.fingerprint({"a": "\ud800"})
