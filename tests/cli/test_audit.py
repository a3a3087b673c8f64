"""`heal audit search|export`: what an auditor asks for, and what the exit codes say."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.core import chain
from bot.core.facts import Chosen, Closed, Diagnosed, Escalated, Halted, Opened, Planned
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event
from bot.core.policy import verdict
from bot.core.transcript import Draft
from bot.store.file import connect
from bot.store.view import View
from tests import builders
from tests.slack.cards import stories

DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
STORY: tuple[tuple[str, Fact], ...] = (
    ("inc-7f3k2m", Opened(alert=builders.an_alert(), workflow="heal-1", title="shop | is down",
                          service="shop", environment="production")),
    ("", Halted(by="U1", why="maintenance of the database")),
    ("inc-7f3k2m", Escalated(to="oncall", why="no runbook fits")),
    ("inc-7f3k2m", Closed(event=Event.GAVE_UP, says="no runbook fits")),
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    """Four entries on four days, from noon on the 20th."""
    path = tmp_path / "heal.db"
    with closing(connect(path, 0)) as db:
        for number, (incident, fact) in enumerate(STORY):
            View(db).append(
                Draft(at=DAY + timedelta(days=number), incident=incident, actor="heal",
                      kind=fact.kind, key=str(number), body=fact.body)
            )  # fmt: skip
    return str(path)


def test_a_search_tells_when_where_who_and_what(
    ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "search", "runbook", "fits", "--limit", "1", "--ledger", ledger]) == 0
    first, last = capsys.readouterr().out.splitlines()

    assert first.split()[:5] == ["4", "2026-11-23", "12:00:00", "inc-7f3k2m", "heal"]
    assert "no «runbook» «fits»" in first
    assert last == "found: 2, older ones left out: 1 (--limit)"


def test_a_search_is_read_by_programs_too(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "search", "maintenance", "--json", "--ledger", ledger]) == 0
    (hit,) = map(json.loads, capsys.readouterr().out.splitlines())

    assert (hit["seq"], hit["incident"], hit["kind"]) == (2, "", "house.halted")
    assert "«maintenance»" in hit["says"]


def test_every_use_of_break_glass_is_found_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "heal.db"
    with closing(connect(path, 0)) as db:
        for number, fact in enumerate(stories.STORIES["glass_broken"]()):
            told = fact.fact if isinstance(fact, builders.Told) else fact
            View(db).append(Draft(at=DAY, incident="inc-7f3k2m", actor="heal", kind=told.kind,
                                  key=str(number), body=told.body))  # fmt: skip

    assert main(["audit", "search", "break-glass", "--json", "--ledger", str(path)]) == 0
    kinds = [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()]
    assert kinds == ["incident.opened", "plan.made", "approval.asked", "run.started"]


def test_what_is_not_found_is_an_exit_code(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "search", "tea", "--ledger", ledger]) == 1
    assert capsys.readouterr().out == "found: 0\n"


def test_an_exported_incident_is_verified_without_the_ledger(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = str(tmp_path / "part.db")

    assert (
        main(["audit", "export", "--incident", "run-7f3k2m", "--to", to, "--ledger", ledger]) == 0
    )
    assert main(["audit", "verify", "--ledger", to]) == 0
    assert "an extract (incident inc-7f3k2m), sound: 4 entries" in capsys.readouterr().out
    assert main(["audit", "verify", "--ledger", to, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["extract"], told["gaps"]) == ("incident inc-7f3k2m", 0)


def test_an_export_that_was_changed_fails(ledger: str, tmp_path: Path) -> None:
    to = tmp_path / "part.db"
    main(["audit", "export", "--to", str(to), "--ledger", ledger])
    with closing(sqlite3.connect(to)) as conn, conn:
        conn.execute("update entry set actor = 'nobody' where seq = 3")

    assert main(["audit", "verify", "--ledger", str(to)]) == 1


def test_json_lines_hold_what_was_hashed(ledger: str, tmp_path: Path) -> None:
    to = tmp_path / "all.jsonl"
    main(["audit", "export", "--to", str(to), "--ledger", ledger])
    first, *held, last = map(json.loads, to.read_text().splitlines())
    rows = [chain.Row(**one) for one in held]

    assert len(rows) == 4
    assert chain.first_break(rows) is None
    assert first["extract"]["head"] == [4, rows[-1].hash]
    assert last == {"end": {"entries": 4, "withheld": 0}}


def test_markdown_tells_each_incident_and_then_the_house(ledger: str, tmp_path: Path) -> None:
    to = tmp_path / "all.md"
    main(["audit", "export", "--to", str(to), "--ledger", ledger])
    text = to.read_text()

    assert "\n# inc-7f3k2m: shop \\| is down\n" in text
    assert "| State | escalated |" in text
    assert "# The house" in text
    assert "maintenance of the database" in text


@pytest.mark.parametrize(
    ("since", "until", "seqs"),
    [
        ("2026-11-21", "", [2, 3, 4]),
        ("", "2026-11-21", [1, 2]),
        ("2026-11-21T12:00:00Z", "2026-11-22T12:00:00", [2]),
        ("2026-11-21T13:00:00+01:00", "2026-11-22", [2, 3]),
    ],
)
def test_a_span_is_in_utc_and_a_last_day_counts_whole(
    ledger: str, tmp_path: Path, since: str, until: str, seqs: list[int]
) -> None:
    to = tmp_path / "part.jsonl"
    given = ["--since", since, "--until", until, "--to", str(to), "--ledger", ledger]

    assert main(["audit", "export", *given]) == 0
    told = map(json.loads, to.read_text().splitlines())
    assert seqs == [one["seq"] for one in told if "seq" in one]


def test_an_incident_in_markdown_is_told_whole(ledger: str, tmp_path: Path) -> None:
    to = tmp_path / "late.md"
    main(["audit", "export", "--since", "2026-11-23", "--to", str(to), "--ledger", ledger])
    text = to.read_text()

    assert "Opened for" in text
    assert "# The house" in text
    assert text.count("maintenance of the database") == 2


def test_nothing_chosen_writes_no_file(ledger: str, tmp_path: Path) -> None:
    to = tmp_path / "none.db"

    assert (
        main(["audit", "export", "--incident", "inc-x", "--to", str(to), "--ledger", ledger]) == 1
    )
    assert not to.exists()


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("there.db", [], "is there already: name a new file"),
        ("there.md", [], "is there already: name a new file"),
        ("new.csv", [], "end its name in .db, .jsonl, .md, .html"),
        ("no/new.md", [], "cannot be written: No such file"),
        ("no/new.db", [], "cannot be written"),
        ("new.db", ["--since", "yesterday"], "is neither a day nor a time: write 2026-11-20"),
    ],
)
def test_what_cannot_be_exported_is_said_and_nothing_is_written_over(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    name: str, given: list[str], why: str,
) -> None:  # fmt: skip
    for there in ("there.db", "there.md"):
        (tmp_path / there).write_text("mine")
    to = tmp_path / name

    assert main(["audit", "export", *given, "--to", str(to), "--ledger", ledger]) == 2
    assert why in capsys.readouterr().err
    assert not to.exists() or to.read_text() == "mine"


def test_a_broken_ledger_is_not_exported(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(ledger)) as conn, conn:
        conn.execute("drop trigger entry_is_never_changed")
        conn.execute("update entry set actor = 'nobody' where seq = 2")

    assert main(["audit", "export", "--to", str(tmp_path / "x.db"), "--ledger", ledger]) == 2
    assert "broken at entry 2" in capsys.readouterr().err
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("limit", ["0", "-1", "all"])
def test_a_limit_is_a_count(ledger: str, limit: str) -> None:
    with pytest.raises(SystemExit):
        main(["audit", "search", "x", "--limit", limit, "--ledger", ledger])


def test_an_incident_is_told_to_machines_as_one_object(
    ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "record", "run-7f3k2m", "--ledger", ledger]) == 0
    told = json.loads(capsys.readouterr().out)

    assert (told["id"], told["title"], told["result"], told["auto_resolved"]) == (
        "inc-7f3k2m", "shop | is down", "not executed", False,
    )  # fmt: skip
    assert (told["duration"], told["timestamp"]) == (3 * 86400, "2026-11-23T12:00:00.000000Z")


def test_of_an_unknown_incident_there_is_no_record(
    ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "record", "inc-nobody", "--ledger", ledger]) == 1
    assert "nothing is recorded of inc-nobody" in capsys.readouterr().out


def test_why_is_told_to_an_auditor_by_incident_and_by_a_plans_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, plan = tmp_path / "heal.db", builders.a_plan()
    verdicts = (verdict.deny("freeze window", "year-end"), verdict.allow("tier", "tier 1"))
    story: tuple[Fact, ...] = (
        builders.an_opening(),
        Chosen(runbook="restart-service", because=("alert is 'ServiceDown'",)),
        Diagnosed(),
        Planned(round=1, plan=plan, digest=plan.digest, verdicts=verdicts),
    )
    with closing(connect(path, 0)) as db:
        for number, fact in enumerate(story):
            View(db).append(
                Draft(at=DAY, incident="inc-7f3k2m", actor="heal",
                      kind=fact.kind, key=str(number), body=fact.body)
            )  # fmt: skip
    for asked in ("run-7f3k2m", "inc-7f3k2m.1", plan.digest[:8]):
        assert main(["audit", "why", asked, "--ledger", str(path)]) == 0
        said = capsys.readouterr().out
        assert "Why restart-service\n  alert is 'ServiceDown'\n" in said
        assert "Policy said no\n  freeze window denies: year-end\n" in said
        assert "1 rule had nothing against it\n  tier: tier 1\n" in said
    assert main(["audit", "why", "inc-000000", "--ledger", str(path)]) == 1
    assert "nothing is recorded of inc-000000" in capsys.readouterr().out
