from __future__ import annotations

from bot.core.policy import edited
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case


def test_what_people_edited_is_asked_for() -> None:
    actual = edited.judge(a_case(edited_by=("U1", "U2")))

    assert (actual.ruling, actual.reason) == (
        Ruling.ASK, "U1, U2 changed its parameters: a person decides about them",
    )  # fmt: skip


def test_what_nobody_edited_is_left_to_the_other_rules() -> None:
    assert edited.judge(a_case()).ruling is Ruling.ALLOW
