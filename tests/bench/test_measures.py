"""Every measure plays to its end with real processes; what lost an alert is found out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.bench import children, intakes, machine, measures
from bot.bench.measure import Measure, NotMeasured, Sample, Trial
from bot.cli import main

CORES = machine.cores()


@pytest.mark.parametrize("measure", measures.every(), ids=lambda one: one.id)
def test_a_measure_runs(
    measure: Measure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ["--only", measure.id.lower(), "--dir", str(tmp_path)]
    code = main(["bench", "--quick", "--json", *only])
    head, *told = (json.loads(line) for line in capsys.readouterr().out.splitlines())

    assert [one["why"] for one in told] == [""] * len(measure.goals)
    assert [one["goal"]["says"] for one in told] == [goal.says for goal in measure.goals]
    assert all(one["ours"] > 0 for one in told)
    assert {name: len(many) for name, many in told[0]["samples"].items()} == dict.fromkeys(
        measure.contestants, 1
    )
    assert (code, head["plan"]) == (0, {"rounds": 1, "seconds": 0.2, "quick": True})
    assert list(tmp_path.iterdir()) == []


async def test_an_intake_that_forgets_is_a_failure(tmp_path: Path) -> None:
    file, trial = tmp_path / "floor.db", Trial(tmp_path, 0.2, CORES, quick=True)
    async with children.started(
        "tests.bench.forgetful", {"file": str(file)}, tmp_path, None
    ) as server:
        said = await intakes.loaded(trial, server, 5)
        await server.kill()
    sample = intakes.proved(said, intakes.kept_by_the_floor(file), trial)

    assert "accepted alerts are not on disk" in sample.fails
    assert sample.fails.startswith(f"{said['accepted'] // 2} of {said['accepted']} ")


async def test_a_server_that_cannot_start_is_not_measured_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match="KeyError: 'file'"):
        await children.result("tests.bench.forgetful", {}, tmp_path, None)


def test_a_load_that_accepted_nothing_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "accepted").touch()
    trial = Trial(tmp_path, 0.2, CORES)

    assert intakes.proved({"rate": 0}, set(), trial) == Sample({"rate": 0}, "no alert was accepted")


@pytest.mark.parametrize("asked", [["--only", "P1,P99"], ["--rounds", "0"], ["--seconds", "0"]])
def test_what_cannot_be_measured_is_said(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *asked]) == 2
    assert capsys.readouterr().err.startswith("heal: ")
