"""Which entries an export is about: by incident, service, environment, words and time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import facts
from bot.core.approval import Ending
from bot.core.permit import Use
from bot.core.telling.book import said
from bot.store import choosing, reading
from bot.store.reading import Choice
from tests import builders
from tests.core import permits
from tests.store import books
from tests.store.books import Line

PLAN = builders.a_plan()
AT = builders.START


def ran(permit: str) -> list[facts.Fact]:
    decided = facts.Decided(at=AT, ending=Ending.APPROVED,
                            permit=Use(id=permit, left=1, runs=2, until=AT))  # fmt: skip
    return [
        builders.an_opening(), facts.Planned(round=1, plan=PLAN, digest=PLAN.digest), decided,
    ]  # fmt: skip


def taken(digest: str) -> facts.PolicyTaken:
    return facts.PolicyTaken(digest=digest, before="0" * 64, runbooks=1)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    asked = next(one for one in permits.STORY if isinstance(one, facts.PermitAsked))
    web = builders.an_opening(service="web", environment="staging", title="the teapot is empty")
    froze = {"by": "U1", "until": AT + timedelta(hours=1), "why": "release"}
    first, *more = books.story("inc-shop", ran(asked.permit))
    lines = [
        Line("", asked),                                            # 1: the permit of inc-shop
        Line("", asked.model_copy(update={"permit": "p-other"})),   # 2
        Line("", taken(PLAN.policy_digest)),                        # 3: the policy of its plan
        Line("", taken("e" * 64)),                                  # 4
        first,                                                      # 5
        Line("inc-web", web, "alertmanager", 60),                   # 6
        Line("", facts.Froze(service="shop", **froze), "U1", 70),   # 7
        Line("", facts.Froze(service="web", **froze), "U1", 80),    # 8
        Line("", builders.halted(), "U1", 90),                      # 9
        *more,                                                      # 10, 11
        Line("", facts.Resumed(by="U1", why="tea is ready"), "U1", 3600),  # 12
    ]  # fmt: skip
    return books.written(tmp_path_factory.mktemp("chosen") / "heal.db", lines)


def chosen(ledger: Path, choice: Choice, *, whole: bool = False) -> list[int]:
    settled = choosing.settled(ledger, choice, said, whole=whole)
    with reading.opened(ledger) as conn:
        return [row.seq for row in reading.rows(conn, settled)]


SHOP = [1, 3, 5, 7, 9, 10, 11]
MINUTE, HOUR = AT + timedelta(minutes=1), AT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("choice", "seqs"),
    [
        (Choice(), [*range(1, 13)]),
        (Choice("inc-shop"), SHOP),
        (Choice("inc-web"), [6]),
        (Choice("inc-none"), []),
        (Choice(service="web"), [6, 8]),
        (Choice(service="shop"), [1, 2, 3, 5, 7, 9, 10, 11]),
        (Choice(environment="staging"), [6]),
        (Choice(service="shop", environment="staging"), [1, 2, 7]),
        (Choice(words=("teapot",)), [6]),
        (Choice(words=("tea",)), [12]),
        (Choice(words=("te*",)), [6, 12]),
        (Choice(words=("alertmanager", "teapot")), [6]),
        (Choice(words=("release", "teapot")), []),
        (Choice(service="web", since=HOUR), []),
        (Choice(since=MINUTE, until=HOUR), [6, 7, 8, 9]),
    ],
    ids=lambda one: one.line if isinstance(one, Choice) else "",
)
def test_a_choice_comes_with_what_its_incidents_hung_on(
    ledger: Path, choice: Choice, seqs: list[int]
) -> None:
    assert chosen(ledger, choice) == seqs


@pytest.mark.parametrize(
    ("choice", "seqs"),
    [
        (Choice(until=MINUTE), [*range(1, 6), 7, 9, 10, 11]),
        (Choice(since=HOUR), [12]),
        (Choice(service="shop", until=MINUTE), [1, 2, 3, 5, 7, 9, 10, 11]),
    ],
    ids=lambda one: one.line if isinstance(one, Choice) else "",
)
def test_for_people_an_incident_is_told_whole_when_one_entry_of_it_was_chosen(
    ledger: Path, choice: Choice, seqs: list[int]
) -> None:
    assert chosen(ledger, choice, whole=True) == seqs


def test_a_choice_says_what_it_was() -> None:
    choice = Choice(service="shop", environment="prod", words=("a", "b"), since=AT)

    assert choice.line == (
        "service shop, environment prod, words a b, from 2026-03-14T03:00:00.000000Z"
    )
