"""The table: every goal in one line, under what it was measured on, above what it is not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from bot.bench.machine import Machine
from bot.bench.rounds import Plan, Row, Samples

HEAD = ("", "measure", "ours", "floor", "ratio", "95 %", "must", "aim", "verdict")
PEERS = (
    "Other products (DBOS, n8n, Prefect, Keep, Robusta, Node-RED) were not run here: nothing is "
    "claimed about them."
)
QUICK = "One short round of each: this shows that it runs, and proves no figure."


def head(machine: Machine, plan: Plan) -> str:
    """What the figures were taken on, and how."""
    pinned = "servers and load on a core each" if plan.cores.server is not None else "not pinned"
    lines = [
        f"{machine.cpu}, {machine.cores} cores, {pinned}",
        f"{machine.system}, Python {machine.python}, SQLite {machine.sqlite}",
        f"fdatasync p50 {machine.sync_p50:.2f} ms, p99 {machine.sync_p99:.2f} ms",
        f"load {machine.load:.2f}; {plan.rounds} rounds in turn, {plan.seconds:g} s a turn",
        "ratio: the median of the rounds' own ratios, with its 95 % interval",
    ]
    return "\n".join([*lines, *(f"not fit to publish: {doubt}" for doubt in machine.doubts)])


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned columns."""
    cells = [HEAD, *(_cells(row) for row in rows)]
    wide = [max(len(row[place]) for row in cells) for place in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in cells
    )


def _cells(row: Row) -> tuple[str, ...]:
    goal = row.goal
    what = f"{row.measure.what}: {goal.says}"
    must = f"{goal.sense} {goal.must:g}" if goal.must is not None else ""
    aim = f"{goal.sense} {goal.aim:g}" if goal.aim is not None else ""
    if row.found is None:
        return (row.measure.id, what, "", "", "", "", must, aim, f"FAIL: {_short(row.why)}")
    return (
        row.measure.id,
        what,
        _value(row.ours, goal.unit),
        f"{_value(row.theirs, goal.unit)} {goal.over}".strip(),
        _value(row.found.middle) if goal.over else "",
        f"{_value(row.found.low)}-{_value(row.found.high)}",
        must,
        aim,
        row.verdict,
    )


def _short(why: str) -> str:
    return why.partition("\n")[0][:100]


def _value(value: float | None, unit: str = "") -> str:
    """
    Three digits that count.

    >>> _value(12345.6), _value(0.1234, "ms"), _value(2.0)
    ('12,346', '0.123 ms', '2')
    """
    if value is None:
        return ""
    figure = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{figure} {unit}".strip()


def line_of(machine: Machine, plan: Plan) -> str:
    """The head for a program."""
    taken = {"rounds": plan.rounds, "seconds": plan.seconds, "quick": plan.quick}
    return json.dumps({"machine": machine._asdict(), "plan": taken, "doubts": machine.doubts})


def line(row: Row, samples: Samples) -> str:
    """One row for a program, with every sample behind it."""
    goal = asdict(row.goal)
    told = {
        "measure": row.measure.id,
        "what": row.measure.what,
        "goal": goal,
        "verdict": row.verdict,
        "ours": row.ours,
        "floor": row.theirs,
        "interval": row.found and row.found._asdict(),
        "why": row.why,
        "samples": {name: [dict(one.values) for one in many] for name, many in samples.items()},
    }
    return json.dumps(told, ensure_ascii=False)
