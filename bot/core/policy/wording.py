"""How reasons say moments, shares and counts, so that every rule says them alike."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """
    Say when, to the second, in UTC.

    >>> moment(datetime(2026, 12, 24, 18, tzinfo=UTC))
    '2026-12-24 18:00:00 UTC'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def share(percent: float) -> str:
    """
    Say a share of a hundred without digits that nobody needs.

    >>> share(33.333), share(50.0)
    ('33.3 %', '50 %')
    """
    return f"{percent:.1f}".removesuffix(".0") + " %"


def count(number: int, noun: str) -> str:
    """
    Say how many.

    >>> count(1, "pod"), count(3, "pod")
    ('1 pod', '3 pods')
    >>> count(2, "process")
    '2 processes'
    """
    if number == 1:
        return f"{number} {noun}"
    return f"{number} {noun}{'es' if noun.endswith('s') else 's'}"


def unread(name: str) -> str:
    """Say that a calendar tells nothing that could be relied on."""
    return (
        f"the calendar of {name} was not read, or too long ago, so nobody knows whether it is on: "
        "a person may decide; `heal doctor` says what is wrong with it"
    )
