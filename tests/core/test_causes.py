"""What is behind an alert: the policy's word for it, else the runbook that is meant for it."""

from __future__ import annotations

from typing import Any

from bot.core import causes
from bot.core.library import Library
from tests import builders


def library(**grouping: Any) -> Library:
    return builders.a_library(
        builders.a_runbook(),
        builders.a_runbook(runbook="clean-disk", match={"alerts": ["DiskFull", "DiskSlow"]}),
        rulebook=builders.a_rulebook(grouping=grouping),
    )


def cause(name: str, known: Library | None = None, **labels: str) -> str:
    alert = builders.an_alert()
    told = alert.model_copy(update={"name": name, "labels": {**alert.labels, **labels}})
    return causes.of(told, known or library())


def test_the_runbook_that_is_meant_for_an_alert_stands_for_its_cause() -> None:
    assert [cause(name) for name in ("ServiceDown", "DiskFull", "DiskSlow", "Mystery")] == [
        "raise-pool", "clean-disk", "clean-disk", ""
    ]  # fmt: skip


def test_the_policy_names_causes_by_patterns_of_alerts() -> None:
    known = library(causes={"storage": ["Disk*", "Inode?"], "memory": ["Mystery"]})
    names = ("DiskFull", "Inode1", "Mystery", "ServiceDown")

    assert [cause(name, known) for name in names] == ["storage", "storage", "memory", "raise-pool"]


def test_a_label_names_the_cause_only_where_policy_says_which() -> None:
    known = library(label="cause", causes={"storage": ["DiskFull"]})

    assert cause("DiskFull", cause="leak") == "clean-disk"
    assert cause("DiskFull", known, cause="leak") == "leak"
    assert cause("DiskFull", known) == "storage"
    assert len(cause("DiskFull", known, cause="x" * 2000)) == causes.LONGEST


def test_a_runbook_that_does_not_fit_the_alert_is_not_its_cause() -> None:
    assert cause("ServiceDown", environment="moon") == ""
