"""`heal tickets` lists what was given up, and only what was not told after all."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from bot.core.facts import TicketTold
from bot.store.file import connect
from bot.store.view import View
from tests.store.drafts import draft

TOLD = TicketTold(
    system="servicenow", number=3, mark="inc-one.3", title="plan made", reference="INC1", tries=1
)
MISSED = TOLD.model_copy(update={"tries": 9, "why_not": "it answered 401"})


def ledger(path: Path, *story: TicketTold) -> str:
    with closing(connect(path, 0)) as db:
        for number, fact in enumerate(story):
            View(db).append(draft(f"{number}", kind=fact.kind, incident="inc-one", body=fact.body))
    return str(path)


def test_what_was_given_up_is_listed_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = TOLD.model_copy(update={"number": 4, "mark": "inc-one.4", "title": "run begun"})
    path = ledger(tmp_path / "heal.db", MISSED, other)

    assert main(["tickets", "--ledger", path]) == 1
    said = capsys.readouterr().out
    assert "inc-one: servicenow INC1 was not told: plan made" in said
    assert "it answered 401" in said
    assert "run begun" not in said
    assert main(["tickets", "--json", "--ledger", path]) == 1
    assert json.loads(capsys.readouterr().out)["title"] == "plan made"


def test_what_was_told_later_is_not_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ledger(tmp_path / "heal.db", MISSED, TOLD)

    assert main(["tickets", "--ledger", path]) == 0
    assert capsys.readouterr().out == "Everything was told.\n"


def test_without_a_ledger_it_says_which_it_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tickets", "--ledger", str(tmp_path / "no.db")]) == 2
    assert "there is no ledger" in capsys.readouterr().err
