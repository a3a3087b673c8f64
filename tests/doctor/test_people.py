"""At a start the people of the policy are looked at in passing: warned of, and nothing stopped."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from bot.catalog.library import load_library
from bot.doctor import people
from bot.doctor.circles import Asking
from tests.fakes import FakeClock, FakePager, FakePeople
from tests.rehearsal.policy import trees


async def there(_: str) -> bool:
    return True


def asking(folder: Path, groups: FakePeople, clock: FakeClock, **rules: object) -> Asking:
    trees.tree(folder, **rules)  # type: ignore[arg-type]
    library = load_library(folder, trees.known())
    return Asking(library, folder, groups, FakePager(), clock, there, within=900.0)


async def warned(asked: Asking, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> str:
    """What is logged, while time passes as it is slept."""
    with caplog.at_level(logging.WARNING):
        task = asyncio.ensure_future(people.warn(asked))
        while not task.done():
            await asyncio.sleep(0)
            if clock.due:
                clock.advance(clock.due)
        await task
    return caplog.text


async def test_a_group_that_is_smaller_than_the_quorum_is_warned_of_with_its_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    asked = asking(
        tmp_path / "runbooks", FakePeople(sre=["U1"]), clock,
        approvers={"high": {"groups": ["sre"], "quorum": 2}},
    )  # fmt: skip
    said = await warned(asked, clock, caplog)

    assert "the quorum of 2 (policy) cannot be reached by 1; policy/rules.yaml:1: nobody " in said
    assert "nobody can approve high risk: such plans are refused" in said


async def test_a_role_that_nobody_is_in_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    asked = asking(
        tmp_path / "runbooks", FakePeople(sre=["U1", "U2"], shop=[]), clock,
        roles={"shop": {"groups": ["shop"]}},
    )  # fmt: skip
    said = await warned(asked, clock, caplog)

    assert "role shop: there is nobody; policy/rules.yaml:1: what demands somebody of it" in said
    assert "nobody can approve" not in said


async def test_enough_people_are_no_warning_and_groups_are_asked_about_one_by_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    asked = asking(
        tmp_path / "runbooks", FakePeople(sre=["U1", "U2"], shop=["U3"], web=["U4"]), clock,
        roles={"shop": {"groups": ["shop", "web"]}},
    )  # fmt: skip
    said = await warned(asked, clock, caplog)

    assert (said, clock.monotonic()) == ("", 2 * people.APART)


async def test_slack_that_does_not_answer_is_told_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, groups = FakeClock(), FakePeople(sre=["U1"])
    groups.away = True
    asked = asking(tmp_path / "runbooks", groups, clock)
    said = await warned(asked, clock, caplog)

    assert "approvers of high risk: Slack does not say who is in the group" in said
    assert "nobody can approve" not in said
