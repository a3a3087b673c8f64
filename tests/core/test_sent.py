"""What another system writes is read as it says, or refused by the path to what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import Field

from bot.core import sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.sent import Sent

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class Part(Sent):
    many: list[int] = Field(max_length=2)


class Letter(Sent):
    part: Part


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b'{"part": {"many": [1, "hunter2"]}}', 422, "'part.many.1': Input should be a valid int"),
        (b'{"part": {}}', 422, "'part.many'"),
        (b'{"part": {"many": [1, 2, 3]}}', 413, "'part.many'"),
        (b"[]", 422, "the body"),
        (b"{", 422, "not JSON"),
    ],
)
def test_what_does_not_fit_is_named_and_not_repeated(body: bytes, status: int, named: str) -> None:
    with pytest.raises(AlertRejected, match=named) as refused:
        sent.read(Letter, body, "a letter")

    assert refused.value.status == status
    assert "hunter2" not in str(refused.value)


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert sent.read(Letter, b'{"part": {"many": []}, "mood": 1}', "a letter").part.many == []


def alert(**changes: Any) -> Alert:
    told: dict[str, Any] = {
        "source": "bell", "name": "Rings", "fingerprint": "1", "firing": True,
        "severity": Severity.WARNING, "labels": {}, "annotations": {}, "starts_at": NOW,
    }  # fmt: skip
    return sent.alert(**(told | changes))


def test_an_alert_keeps_within_the_bounds_of_all() -> None:
    long = alert(
        name=" x" * 200,
        labels={"a" * 300: "b" * 3000, "": "x", "empty": "", **{f"l{n}": "v" for n in range(99)}},
        annotations={"summary": "s" * 20_000},
        link="javascript:alert(1)",
        ends_at=NOW.replace(year=1),
    )

    assert (len(long.name), len(long.labels), long.link, long.ends_at) == (200, 64, None, None)
    assert (len(long.labels["a" * 200]), len(long.annotations["summary"])) == (2000, 10_000)
    assert not {"", "empty"} & set(long.labels)


@pytest.mark.parametrize(
    "changes",
    [{"name": " "}, {"fingerprint": ""}, {"fingerprint": "x" * 201}, {"fingerprint": " "},
     {"fingerprint": "a\0"}, {"starts_at": NOW.replace(year=1)}],
)  # fmt: skip
def test_what_would_make_two_alerts_one_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(AlertRejected):
        alert(**changes)
