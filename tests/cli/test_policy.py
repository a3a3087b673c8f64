"""`heal policy`: what would become of an alert, what a change would have meant, what is odd."""

from __future__ import annotations

import io
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.clock import Clock
from bot.core.blast_radius import BlastRadius, Target
from bot.core.facts import Chosen, Diagnosed, Planned
from bot.core.facts.fact import Fact
from bot.core.policy.verdict import Ruling
from bot.core.transcript import Draft
from bot.store.file import connect
from bot.store.view import View
from tests import builders
from tests.rehearsal.policy import trees

ROOT = Path(__file__).parents[2]
AT = ["--at", "2026-12-24T22:00Z"]
WELL = ["--assume", "down=0,total=3"]
OVER = {"fingerprint": "f", "status": "resolved", "source": "x", "starts_at": "2026-01-01T00:00Z"}
SHOP = Target(key="host:web-1/unit:shop", name="unit shop on web-1")
SCOPE = builders.a_scope(
    blast_radius=BlastRadius(targets=(SHOP,), touched=1, down_at_once=0, total=3)
)
Out = pytest.CaptureFixture[str]


def simulate(folder: Path, *more: str) -> int:
    books = ["--runbooks", str(folder / "books")]
    return main(["policy", "simulate", "--alert", trees.alert(folder), *books, *more])


def test_allow_ask_and_deny_are_exit_codes(tmp_path: Path, capsys: Out) -> None:
    trees.tree(tmp_path / "books")
    assert simulate(tmp_path, *AT, *WELL) == 0
    assert "\nallow: it would run, and nobody be asked\n" in capsys.readouterr().out

    trees.tree(tmp_path / "books", unattended=False)
    assert simulate(tmp_path, *AT, *WELL) == 3
    assert "Who could approve: members of sre, U0ANA; 1 yes needed" in capsys.readouterr().out

    trees.tree(tmp_path / "books", freezes=[trees.FREEZE])
    assert simulate(tmp_path, *AT, *WELL) == 4
    said = capsys.readouterr().out
    assert "deny freeze window: year-end freeze freezes shop-api in production until" in said
    assert "From 2027-01-04 07:00:00 UTC on: allow (freeze window: no freeze is on)" in said


def test_just_before_a_freeze_it_says_when_the_answer_ends(tmp_path: Path, capsys: Out) -> None:
    trees.tree(tmp_path / "books", freezes=[trees.FREEZE])

    assert simulate(tmp_path, "--at", "2026-12-18T16:59:59Z", *WELL) == 0
    assert "From 2026-12-18 17:00:00 UTC on: deny (freeze window:" in capsys.readouterr().out
    assert simulate(tmp_path, "--at", "2026-12-18T17:00:00Z", *WELL) == 4


def test_it_is_read_by_programs_too(tmp_path: Path, capsys: Out) -> None:
    trees.tree(tmp_path / "books", unattended=False)

    assert simulate(tmp_path, *AT, *WELL, "--json", "--as", "U0ANA") == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["ruling"], told["runbook"], told["couldApprove"]) == (
        "ask", trees.BOOK, "yes, policy names them",
    )  # fmt: skip
    assert {"rule": "unattended", "ruling": "ask"}.items() <= told["verdicts"][0].items()
    assert any("0 of 3 away" in line for line in told["notRead"])


def test_an_alert_is_read_as_alertmanager_sends_it_and_from_stdin(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = trees.tree(tmp_path / "books")
    sent = ROOT / "tests" / "sources" / "payloads" / "alertmanager_firing.json"
    text = sent.read_text(encoding="utf-8").replace('"prod"', '"production"')
    text = text.replace('"service":"shop"', '"service":"shop-api"')
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    asked = ["policy", "simulate", "--alert", "-", "--runbooks", str(books), *AT, *WELL, "--json"]

    assert main(asked) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["ruling"] for one in told] == ["allow", "allow"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--at", "tomorrow"], "--at 'tomorrow' is no instant"),
        (["--at", "2026-12-24T22:00"], "write one with its offset"),
        (["--assume", "down=x"], "'down=x' is no amount"),
        (["--assume", "dwn=1"], "'dwn' is unknown"),
        (["--assume", "down=3,total=1"], "3 of 1 cannot be down"),
        (["--alert", "/nowhere.json"], "/nowhere.json: it cannot be read"),
        (["--ledger", "/nowhere.db"], "there is no ledger /nowhere.db"),
        (["--runbooks", "/nowhere"], "nowhere/policy/rules.yaml"),
    ],
)
def test_bad_input_is_named_with_its_remedy(
    tmp_path: Path, capsys: Out, more: list[str], said: str
) -> None:
    trees.tree(tmp_path / "books")

    assert simulate(tmp_path, *more) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "the alert is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"x": 1}', "no source knows this alert, which has the fields 'x'"),
        ('{"name": "A", "severity": "bad"}', "the alert's severity: 'bad' is unknown"),
        ('{"name": "A", "label": {}}', "did you mean 'labels'"),
        ('{"name": "A", "fingerprint": "f", "status": "firing"}', "starts_at"),
        (json.dumps({**trees.ALERT, **OVER}), "no alert in it fires"),
    ],
)  # fmt: skip
def test_an_alert_that_cannot_be_read_says_which_field_is_wrong(
    tmp_path: Path, capsys: Out, written: str, said: str
) -> None:
    trees.tree(tmp_path / "books")
    file = tmp_path / "odd.json"
    file.write_text(written, encoding="utf-8")

    assert simulate(tmp_path, "--alert", str(file)) == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    """One plan for the shop, an hour ago, which people were to be asked about."""
    path, at = tmp_path / "heal.db", Clock().now() - timedelta(hours=1)
    alert = builders.an_alert(labels=trees.ALERT["labels"])
    plan = builders.a_plan(
        runbook=trees.BOOK, service="shop-api", steps=(builders.a_step(scope=SCOPE),)
    )
    story: tuple[Fact, ...] = (
        builders.an_opening(service="shop-api", alert=alert),
        Chosen(runbook=trees.BOOK),
        Diagnosed(),
        Planned(round=1, plan=plan, digest=plan.digest, ruling=Ruling.ASK),
    )
    with closing(connect(path, 0)) as db:
        for number, fact in enumerate(story):
            draft = Draft(
                at=at, incident="inc-7f3k2m", actor="heal", kind=fact.kind, key=str(number),
                body=fact.body,
            )  # fmt: skip
            View(db).append(draft)
    return str(path)


def diff(tmp_path: Path, ledger: str, *more: str) -> int:
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    return main(["policy", "diff", old, new, "--ledger", ledger, *more])


def test_a_change_is_told_by_what_it_would_have_meant(
    tmp_path: Path, ledger: str, capsys: Out
) -> None:
    trees.tree(tmp_path / "old", unattended=False)
    trees.tree(tmp_path / "new", ask_from_tier=4)

    assert diff(tmp_path, ledger) == 0
    captured = capsys.readouterr()
    said = captured.out
    assert said.startswith("1 plan of the last 30 days judged by both: 1 would have been decided")
    assert "  1 × ask → allow\n" in said
    assert "inc-7f3k2m ask → allow (looser): restart-dead-service on shop-api in production" in said
    assert "  unattended: ask → allow (restart-dead-service may run unattended" in said
    assert "Changed keys: 1\n  ask_from_tier: 5 → 4\n" in said
    assert captured.err == "replaying entries: 4\n"


def test_what_got_looser_fails_a_pipeline_and_what_got_stricter_does_not(
    tmp_path: Path, ledger: str, capsys: Out
) -> None:
    trees.tree(tmp_path / "old", unattended=False)
    trees.tree(tmp_path / "new")
    assert diff(tmp_path, ledger, "--loosened-only", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["judged"], told["asThen"], told["loosened"]) == (1, 1, 1)
    assert told["differences"][0]["old"] == "ask"

    back = ["policy", "diff", str(tmp_path / "new"), str(tmp_path / "old"), "--ledger", ledger]
    assert main([*back, "--loosened-only"]) == 0
    assert "Of 1 plan OLD says something else than was decided then" in capsys.readouterr().out


def test_policy_alone_is_compared_with_the_runbooks_that_lie_elsewhere(
    tmp_path: Path, ledger: str, capsys: Out
) -> None:
    books = trees.tree(tmp_path / "books", unattended=False)
    old = trees.tree(tmp_path / "old", ask_from_tier=3)
    new = trees.tree(tmp_path / "new")
    asked = ["policy", "diff", str(old / "policy"), str(new / "policy"), "--ledger", ledger]

    assert main([*asked, "--runbooks", str(books)]) == 0
    assert "0 would have been decided differently" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--days", "0"], "--days 0: write more than 0"),
        (["--ledger", "/nowhere.db"], "there is no ledger /nowhere.db"),
    ],
)
def test_what_cannot_be_compared_is_said(
    tmp_path: Path, ledger: str, capsys: Out, more: list[str], said: str
) -> None:
    trees.tree(tmp_path / "old")
    trees.tree(tmp_path / "new")
    assert diff(tmp_path, ledger, *more) == 2
    assert said in capsys.readouterr().err

    (tmp_path / "new" / "policy" / "rules.yaml").unlink()
    assert diff(tmp_path, ledger) == 2
    assert "holds neither policy/rules.yaml nor rules.yaml" in capsys.readouterr().err


def test_lint_fails_for_what_is_wrong_and_in_strict_mode_for_what_is_odd(
    tmp_path: Path, capsys: Out
) -> None:
    books = ["--runbooks", str(tmp_path / "books")]
    trees.tree(tmp_path / "books", freezes=[{**trees.FREEZE, "environments": ["prodction"]}])
    assert main(["policy", "lint", *books]) == 0
    said = capsys.readouterr().out
    assert said.startswith("odd   books/policy/rules.yaml:1: freezes[0]: ")
    assert "0 wrong, 1 odd" in said
    assert main(["policy", "lint", "--strict", *books]) == 1

    trees.tree(tmp_path / "books", approvers={"high": {"people": ["U1"]}})
    book = tmp_path / "books" / f"{trees.BOOK}.yaml"
    book.write_text(book.read_text().replace("quorum: 1", "quorum: 2"))
    capsys.readouterr()
    assert main(["policy", "lint", *books]) == 1
    assert "wrong books/policy/rules.yaml:1: approvers.high: " in capsys.readouterr().out
