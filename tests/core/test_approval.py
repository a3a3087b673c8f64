"""Votes are weighed: any no wins, and different people make the quorum."""

from __future__ import annotations

import pytest

from bot.core import approval
from bot.core.approval import Ending, Request, Vote
from tests.builders import START


def request(quorum: int = 1, *excluded: str) -> Request:
    return Request(
        round=1, plan_digest="d", quorum=quorum, excluded=excluded, expires_at=START
    )  # fmt: skip


def votes(text: str) -> list[Vote]:
    """Read "A+ B-" as a yes of A and a no of B."""
    return [Vote(who=word[:-1], yes=word.endswith("+")) for word in text.split()]


@pytest.mark.parametrize(
    ("quorum", "cast", "ending"),
    [
        (1, "", None),
        (1, "A+", Ending.APPROVED),
        (1, "A-", Ending.REJECTED),
        (1, "A+ B-", Ending.REJECTED),
        (2, "A+", None),
        (2, "A+ A+", None),
        (2, "A+ B+", Ending.APPROVED),
        (2, "A+ B+ C-", Ending.REJECTED),
        (3, "A+ B+ A+", None),
    ],
)
def test_votes_amount_to_a_decision_or_to_none(
    quorum: int, cast: str, ending: Ending | None
) -> None:
    assert approval.weigh(request(quorum), votes(cast)) is ending


def test_the_yes_of_who_is_excluded_does_not_count() -> None:
    assert approval.weigh(request(1, "A"), votes("A+")) is None
    assert approval.weigh(request(1, "A"), votes("A+ B+")) is Ending.APPROVED


def test_the_no_of_who_is_excluded_counts() -> None:
    assert approval.weigh(request(1, "A"), votes("A-")) is Ending.REJECTED
