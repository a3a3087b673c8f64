"""A blast radius says in one line what is touched and how much of it is away."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.core.blast_radius import BlastRadius, Target

POD = Target(key="pod:shop-1", name="pod shop-1")


def radius(**changes: object) -> BlastRadius:
    given = {"targets": (POD,), "unit": "pod", "touched": 1, "down_at_once": 1, "total": 4}
    return BlastRadius.model_validate({**given, **changes})


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "pod shop-1: touches 1 of 4 pods, 1 (25 %) down at the worst moment"),
        ({"down_at_once": 0}, "pod shop-1: touches 1 of 4 pods, none down"),
        ({"down_at_once": 4}, "pod shop-1: touches 1 of 4 pods, all down at the worst moment"),
        ({"total": 1, "down_at_once": 0}, "pod shop-1: touches 1 of 1 pod, none down"),
        (
            {"unit": "process", "dependants": ("cart", "web"), "notes": ("no budget",)},
            (
                "pod shop-1: touches 1 of 4 processes, 1 (25 %) down at the worst moment; "
                "cart, web depend on it; no budget"
            ),
        ),
    ],
)
def test_its_line_says_all_of_it(changes: dict[str, object], line: str) -> None:
    assert radius(**changes).line == line


@pytest.mark.parametrize(("down", "total", "percent"), [(1, 4, 25), (4, 4, 100), (0, 0, 0)])
def test_its_share_is_what_is_away_at_the_worst_moment(
    down: int, total: int, percent: float
) -> None:
    assert radius(down_at_once=down, total=total).percent == percent


def test_what_cannot_say_what_it_touches_is_no_blast_radius() -> None:
    with pytest.raises(ValidationError):
        radius(targets=())
