"""How bad an alert is: the policy's words and the catalogue say it, and say that they did."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.core import rating
from bot.core.alert import Alert, Severity
from tests import builders


def rated(severities: dict[str, Any], *, service: dict[str, Any] | None = None,
          **labels: str) -> Alert:  # fmt: skip
    """What becomes of a warning about the shop, of tier 2, whose sender gave these labels."""
    alert = builders.an_alert(
        severity=Severity.WARNING,
        labels={"service": "shop", "environment": "production", **labels},
    )
    library = builders.a_library(
        services=(builders.a_service(**(service or {})),),
        rulebook=builders.a_rulebook(severities=severities),
    )
    return rating.rated(alert, library)


def test_without_a_word_in_policy_or_catalogue_the_sender_is_believed() -> None:
    alert = rated({}, severity="warning")

    assert (alert.severity, alert.rated) == (Severity.WARNING, "")


@pytest.mark.parametrize("word", ["P1", "p1"])
def test_a_word_means_what_policy_says(word: str) -> None:
    alert = rated({"words": {"P1": "critical"}}, severity=word)

    assert alert.severity is Severity.CRITICAL
    assert alert.rated == f"policy takes its sender's '{word}' for critical"


def test_the_first_label_that_is_there_counts() -> None:
    words = {"words": {"P1": "critical", "low": "info"}}

    assert rated(words, severity="low", priority="P1").severity is Severity.INFO
    assert rated(words, priority="P1").severity is Severity.CRITICAL
    assert rated({**words, "labels": ["urgency"]}, priority="P1", urgency="low").rated


def test_a_less_bad_word_is_taken_and_said() -> None:
    alert = rated({"words": {"warning": "info"}}, severity="warning")

    assert alert.severity is Severity.INFO
    assert alert.rated == "policy takes its sender's 'warning' for info"


def test_a_word_that_nobody_explained_changes_nothing() -> None:
    assert rated({"words": {"P1": "critical"}}, severity="P9").severity is Severity.WARNING


def test_alerts_of_a_tier_are_at_least_as_bad_as_policy_says() -> None:
    least = {"least": [{"tiers": [2, 3], "severity": "critical"}]}
    alert = rated(least)

    assert alert.severity is Severity.CRITICAL
    assert alert.rated == "policy takes alerts of shop for critical at least"
    assert rated(least, service={"tier": 4}).severity is Severity.WARNING


def test_a_service_says_how_bad_its_alerts_are_at_least() -> None:
    alert = rated({}, service={"least_severity": "critical"})

    assert alert.severity is Severity.CRITICAL
    assert alert.rated == "the catalogue takes alerts of shop for critical at least"


def test_policy_and_catalogue_raise_and_never_lower() -> None:
    alert = rated({"least": [{"severity": "info"}]}, service={"least_severity": "info"})

    assert (alert.severity, alert.rated) == (Severity.WARNING, "")


def test_what_a_word_made_less_bad_is_raised_again_with_both_reasons() -> None:
    severities = {"words": {"P9": "info"}, "least": [{"severity": "critical"}]}
    alert = rated(severities, severity="P9")

    assert alert.severity is Severity.CRITICAL
    assert "'P9' for info; policy takes alerts of shop" in alert.rated


def test_a_service_that_is_in_no_catalogue_is_not_raised() -> None:
    least = {"least": [{"severity": "critical"}]}

    assert rated(least, service={"name": "cart"}).severity is Severity.WARNING


def test_one_word_with_two_meanings_is_refused() -> None:
    with pytest.raises(ValidationError, match="'P1' and 'p1' are the same word"):
        rated({"words": {"P1": "critical", "p1": "info"}})
