"""Contestants take turns, each round is compared with itself, and a loss is no figure."""

from __future__ import annotations

from pathlib import Path

from bot.bench import rounds, table
from bot.bench.figures import Verdict
from bot.bench.machine import Machine
from bot.bench.measure import OURS, Cores, Goal, Measure, NotMeasured, Play, Sample, Sense, Trial
from bot.bench.rounds import Plan

MACHINE = Machine("a processor", 2, "Linux 6", "3.11.7", "3.40.1", 0.1, 0.2, 0.9)


class Turns:
    """Contestants whose values are written down before, and who was played when."""

    def __init__(self) -> None:
        self.played: list[str] = []
        self.directories: list[Path] = []

    def of(self, name: str, *samples: Sample | NotMeasured) -> Play:
        left = list(samples)

        async def play(trial: Trial) -> Sample:
            self.played.append(name)
            self.directories.append(trial.directory)
            assert not list(trial.directory.iterdir())
            (trial.directory / "left behind").touch()
            given = left.pop(0)
            if isinstance(given, NotMeasured):
                raise given
            return given

        return play


def rates(*values: float) -> list[Sample]:
    return [Sample({"rate": value}) for value in values]


def measured(ours: Play, floor: Play) -> Measure:
    goal = Goal("a second", "rate", Sense.AT_LEAST, 0.35, 0.6, over="floor", unit="/s")
    return Measure("P1", "intake", {OURS: ours, "floor": floor}, (goal,))


def plan(directory: Path, count: int = 3) -> Plan:
    return Plan(directory, count, 0.1, Cores())


async def test_contestants_take_turns_in_empty_directories_that_go_again(tmp_path: Path) -> None:
    turns = Turns()
    measure = measured(turns.of("ours", *rates(4, 4, 4)), turns.of("floor", *rates(8, 8, 8)))
    await rounds.play(measure, plan(tmp_path), lambda _: None)

    assert turns.played == ["ours", "floor", "floor", "ours", "ours", "floor"]
    assert len(set(turns.directories)) == 6
    assert list(tmp_path.iterdir()) == []


async def test_each_round_is_compared_with_itself(tmp_path: Path) -> None:
    """The machine was slower in every further round, for both of them alike."""
    turns = Turns()
    measure = measured(turns.of("ours", *rates(40, 20, 4)), turns.of("floor", *rates(80, 40, 8)))
    (row,) = rounds.rows(measure, await rounds.play(measure, plan(tmp_path), lambda _: None))

    assert row.found == (0.5, 0.5, 0.5)
    assert (row.ours, row.theirs, row.verdict) == (20, 40, Verdict.MET)


async def test_one_lost_item_is_a_failure_however_fast_the_rest_was(tmp_path: Path) -> None:
    turns = Turns()
    lost = Sample({"rate": 900.0}, "1 of 900 accepted alerts are not on disk")
    measure = measured(turns.of("ours", *rates(900, 900), lost), turns.of("floor", *rates(9, 9, 9)))
    samples = await rounds.play(measure, plan(tmp_path), lambda _: None)
    (row,) = rounds.rows(measure, samples)
    shown = table.table([row])

    assert (row.verdict, row.ours, row.found) == (Verdict.FAIL, None, None)
    assert "FAIL: 1 of 900 accepted alerts are not on disk" in shown
    assert "900 /s" not in shown


async def test_a_contestant_that_dies_fails_and_the_others_go_on(tmp_path: Path) -> None:
    turns = Turns()
    dead = NotMeasured("bot.bench.house said nothing")
    measure = measured(turns.of("ours", dead, *rates(4, 4)), turns.of("floor", *rates(8, 8, 8)))
    (row,) = rounds.rows(measure, await rounds.play(measure, plan(tmp_path), lambda _: None))

    assert len(turns.played) == 6
    assert (row.verdict, row.why) == (Verdict.FAIL, "bot.bench.house said nothing")


async def test_a_value_without_a_floor_is_compared_as_it_is(tmp_path: Path) -> None:
    turns = Turns()
    goal = Goal("idle", "idle", Sense.AT_MOST, 100, 70, unit="MiB")
    samples = [Sample({"idle": 69.0}), Sample({"idle": 68.0})]
    measure = Measure("P11", "memory", {OURS: turns.of("ours", *samples)}, (goal,), most_rounds=2)
    (row,) = rounds.rows(measure, await rounds.play(measure, plan(tmp_path, 9), lambda _: None))

    assert (row.verdict, row.theirs) == (Verdict.AIMED, None)
    assert "68.5 MiB" in table.table([row])


def test_the_head_says_when_the_figures_are_not_fit_to_be_published(tmp_path: Path) -> None:
    noisy = MACHINE._replace(load=7.5, sync_p99=23.0)

    assert "not fit" not in table.head(MACHINE, plan(tmp_path))
    assert table.head(noisy, plan(tmp_path)).count("not fit to publish") == 2


def test_nothing_is_claimed_about_products_that_did_not_run() -> None:
    assert "were not run here" in table.PEERS
