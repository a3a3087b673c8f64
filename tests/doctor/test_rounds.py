"""The rounds themselves: no check stops another, and the command says what they found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.cli import main
from bot.doctor import rounds
from bot.doctor.finding import Finding, State, failed, ok, warning
from bot.doctor.patient import Patient
from bot.slack.scopes import FEATURES
from tests.doctor.bodies import examined, healthy, listening
from tests.rules.test_manifest import SCOPES


async def breaks(_: Patient) -> Sequence[Finding]:
    raise ZeroDivisionError("by nought")


async def hangs(_: Patient) -> Sequence[Finding]:
    raise TimeoutError


async def test_a_check_that_breaks_is_a_finding_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "CHECKS", (breaks, hangs, *rounds.CHECKS))
    async with listening() as port:
        first, second, *others = await examined(healthy(tmp_path, port))

    assert (first.name, first.found) == (
        "test_rounds.breaks",
        "the check broke: ZeroDivisionError: by nought",
    )
    assert "TimeoutError" in second.found
    assert {one.state for one in others} == {State.OK}


def test_the_worst_finding_is_the_state_of_the_whole() -> None:
    fine, late, broken = ok("a", "b"), warning("a", "b", "c"), failed("a", "b", "c")

    assert rounds.worst([]) is State.OK
    assert rounds.worst([late, fine]) is State.WARNING
    assert rounds.worst([late, broken, fine]) is State.FAILED


def test_what_was_read_cannot_hide_in_a_finding() -> None:
    found = failed("a", "one\n\u202etwo", "x" * 5000)

    assert (found.found, len(found.remedy)) == ("one ⟨U+202E⟩two", 600)


def test_every_scope_of_the_manifest_belongs_to_a_feature() -> None:
    assert {scope for feature in FEATURES for scope in feature.scopes} == SCOPES


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An installation that is told nothing but one wrong port."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")
    monkeypatch.setenv("SLACK_PORT", "99999")
    monkeypatch.setenv("HEAL_RUNBOOKS", str(tmp_path / "none"))
    monkeypatch.setenv("HEAL_LEDGER", str(tmp_path / "heal.db"))
    return monkeypatch


def test_a_failed_check_is_an_exit_code_and_json(
    bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    found = {one["name"]: one for one in told["checks"]}

    assert told["state"] == "failed"
    assert found["SLACK_PORT"]["remedy"].startswith("write it as docs/settings.md says")
    assert found["SLACK_BOT_TOKEN"]["found"] == "is not set"
    assert [one for one in told["checks"] if one["state"] != "ok" and not one["remedy"]] == []


def test_people_read_what_to_do_and_how_many_checks_there_were(
    bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out

    assert "FAILED   SLACK_BOT_TOKEN: is not set\n         → deploy/slack/README.md" in said
    assert "SQLite" not in said
    assert " failed\n" in said


def test_no_secret_is_told(bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    bare.setenv("SLACK_BOT_TOKEN", "wrong-7f3k2m")
    bare.setenv("SLACK_SIGNING_SECRET", "s-7f3k2m")
    bare.setenv("HEAL_ALERTMANAGER_TOKEN", "t-7f3k2m")
    main(["doctor", "--all"])

    assert "7f3k2m" not in "".join(capsys.readouterr())
