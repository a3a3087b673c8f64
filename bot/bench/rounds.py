"""Rounds: contestants take turns, so that what the machine does meanwhile meets all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.bench import figures
from bot.bench.figures import Interval, Verdict
from bot.bench.measure import Cores, Goal, Measure, NotMeasured, Sample, Trial

Samples = Mapping[str, Sequence[Sample]]


@dataclass(frozen=True)
class Plan:
    """How a bench is played: so many rounds, so many seconds a turn, below this directory."""

    directory: Path
    rounds: int
    seconds: float
    cores: Cores
    quick: bool = False


@dataclass(frozen=True)
class Row:
    """One goal of a measure and what was found; `found` is None where something failed."""

    measure: Measure
    goal: Goal
    verdict: Verdict
    ours: float | None = None
    theirs: float | None = None
    found: Interval | None = None
    why: str = ""


async def play(measure: Measure, plan: Plan, tell: Callable[[str], None]) -> Samples:
    """Play all rounds; each begins with another contestant, so that no place is a better one."""
    names = list(measure.contestants)
    samples: dict[str, list[Sample]] = {name: [] for name in names}
    count = min(plan.rounds, measure.most_rounds)
    for number in range(count):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            tell(f"{measure.id}: round {number + 1} of {count}, {name}")
            samples[name].append(await _turn(measure, name, plan))
    return samples


async def _turn(measure: Measure, name: str, plan: Plan) -> Sample:
    with tempfile.TemporaryDirectory(prefix="heal-bench-", dir=plan.directory) as fresh:
        trial = Trial(Path(fresh), plan.seconds, plan.cores, plan.quick)
        try:
            return await measure.contestants[name](trial)
        except NotMeasured as error:
            return Sample(fails=str(error))


def rows(measure: Measure, samples: Samples) -> list[Row]:
    """What the samples say about each goal."""
    return [_row(measure, goal, samples) for goal in measure.goals]


def _row(measure: Measure, goal: Goal, samples: Samples) -> Row:
    of, over = samples[goal.of], samples[goal.over] if goal.over else ()
    for sample in (*of, *over):
        if sample.fails:
            return Row(measure, goal, Verdict.FAIL, why=sample.fails)
    ours = [sample.values[goal.value] for sample in of]
    theirs = [sample.values[goal.value] for sample in over]
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)] if over else ours
    found = figures.interval(ratios)
    return Row(
        measure,
        goal,
        figures.verdict(found, goal.sense, goal.must, goal.aim),
        ours=median(ours),
        theirs=median(theirs) if theirs else None,
        found=found,
    )
