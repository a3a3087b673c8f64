"""
Picture: a graph drawn by matplotlib, on paper of its own, to be read on light and on dark.

Nothing is told by colour alone: each mark has its word, each line its name, gaps are hatched.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.core.graph import Graph, Kind, Line, Mark, Panel

PAPER, INK, FAINT, EDGE = "#fcfcfd", "#1d2330", "#5b6475", "#aab2c0"
LINES = ("#0059b3", "#b34700", "#00703c", "#8a2be2", "#8c6d00", "#b0005a", "#007a8a", "#555555")
"""Each at least 4.5 to 1 on the paper, and told apart also by who sees few colours."""
MARKS = {
    Kind.AGREED: ("#5b3aa8", (0, (1, 2))),
    Kind.ACTED: ("#b34700", "solid"),
    Kind.WELL: ("#00703c", (0, (5, 2))),
    Kind.BAD: ("#b00020", (0, (5, 1, 1, 1))),
}
WIDTH, HEIGHT, TITLE, DPI = 9.0, 2.1, 1.5, 110
"""Inches of the picture, of a panel, of what stands around them; dots an inch."""


def draw(graph: Graph) -> bytes:
    """Draw it as a PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    with mpl.rc_context({"font.size": 9, "text.parse_math": False, "axes.edgecolor": EDGE}):
        height = TITLE + HEIGHT * len(graph.panels)
        figure = Figure(
            figsize=(WIDTH, height), dpi=DPI, facecolor=PAPER, edgecolor=EDGE, linewidth=2,
            layout="constrained",
        )  # fmt: skip
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
        figure.suptitle(graph.title, color=INK, fontsize=11, fontweight="bold")
        axes = figure.subplots(len(graph.panels), 1, sharex=True, squeeze=False)[:, 0]
        for axis, panel in zip(axes, graph.panels, strict=True):
            _panel(axis, panel)
            _marks(axis, graph.marks)
        _words(axes[0], graph.marks)
        _time(axes[-1], graph)
        made = io.BytesIO()
        figure.savefig(made, format="png", facecolor=PAPER, edgecolor=EDGE)
    return made.getvalue()


def _panel(axis: Any, panel: Panel) -> None:
    axis.set_facecolor(PAPER)
    axis.grid(color="#e3e6ec", linewidth=0.6)
    axis.tick_params(colors=FAINT)
    axis.set_axisbelow(True)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    note = f" · {panel.note}" if panel.note else ""
    axis.set_title(f"{panel.title}{note}", loc="left", color=INK, fontsize=9)
    axis.set_ylabel(panel.unit or "value", color=FAINT)
    for line, colour in zip(panel.lines, LINES, strict=False):
        _line(axis, line, colour, "dotted" if panel.sparse else "solid")
    if panel.limit is not None:
        label = f"well when {panel.sign} {panel.limit:g}".replace("==", "=")
        axis.axhline(
            panel.limit, color="#00703c", linewidth=1.2, linestyle=(0, (2, 2)), label=label
        )
    axis.margins(y=0.15)
    if not any(value is not None for line in panel.lines for _, value in line.points):
        axis.text(0.5, 0.5, "no data", transform=axis.transAxes, ha="center", color=FAINT)
        axis.set_yticks([])
    axis.legend(
        loc="upper left", bbox_to_anchor=(1.005, 1), fontsize=7.5, frameon=False, labelcolor=INK,
        handlelength=1.6, borderaxespad=0,
    )  # fmt: skip


def _line(axis: Any, line: Line, colour: str, style: str) -> None:
    """A line that breaks where nothing was seen; what stands alone between gaps is a dot."""
    moments = [_moment(at) for at, _ in line.points]
    values = [float("nan") if value is None else value for _, value in line.points]
    axis.plot(moments, values, color=colour, linewidth=1.5, linestyle=style, label=line.label,
              marker=".", markersize=5 if len(values) < 80 else 1.5)  # fmt: skip
    label = "no data"
    for begin, end in _gaps(line.points):
        axis.axvspan(_moment(begin), _moment(end), facecolor="none", edgecolor=EDGE, hatch="////",
                     linewidth=0, label=label)  # fmt: skip
        label = "_"


def _gaps(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float]]:
    """From the last point that was seen to the next one, or as far as there are points."""
    found, begin = [], None
    for number, (at, value) in enumerate(points):
        if value is None and begin is None:
            begin = points[number - 1][0] if number else at
        if value is not None and begin is not None:
            found.append((begin, at))
            begin = None
    if begin is not None:
        found.append((begin, points[-1][0]))
    return found


def _marks(axis: Any, marks: Sequence[Mark]) -> None:
    for mark in marks:
        colour, style = MARKS[mark.kind]
        axis.axvline(mark.at, color=colour, linewidth=1.2, linestyle=style)


def _words(axis: Any, marks: Sequence[Mark]) -> None:
    """The word of each mark above the first panel; the first is highest, so that none crosses."""
    for place, mark in enumerate(marks):
        colour, _ = MARKS[mark.kind]
        axis.annotate(
            f" {mark.says}  {mark.at.astimezone(UTC):%H:%M:%S}",
            xy=(mark.at, 1), xycoords=("data", "axes fraction"),
            xytext=(0, 10 + 11 * (len(marks) - 1 - place)), textcoords="offset points",
            fontsize=7.5, color=colour, annotation_clip=False, ha="left", va="bottom",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8, "relpos": (0, 0),
                        "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def _time(axis: Any, graph: Graph) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axis.set_xlim(graph.since, graph.until)
    locator = AutoDateLocator(tz=UTC, maxticks=9)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC, show_offset=False))
    axis.set_xlabel(f"time in UTC, {graph.since.astimezone(UTC):%A %Y-%m-%d}", color=FAINT)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
