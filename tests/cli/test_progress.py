"""A terminal sees a bar that goes away again; a log sees one plain line."""

from __future__ import annotations

import io

from bot.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO, ticks: int, total: int) -> str:
    bar = Progress("replaying", total, stream)
    for _ in range(ticks):
        bar.tick()
    bar.end()
    return stream.getvalue()


def test_a_terminal_sees_each_percent_once_and_nothing_in_the_end() -> None:
    shown = told(Terminal(), 1000, 1000).split("\r")

    assert len(shown) == 1 + 101 + 1
    assert shown[1] == f"replaying {'░' * 30}   0 %"
    assert shown[-2] == f"replaying {'█' * 30} 100 %"
    assert shown[-1] == "\x1b[K"


def test_what_is_no_terminal_sees_one_line() -> None:
    assert told(io.StringIO(), 1000, 1000) == "replaying: 1000\n"


def test_nothing_to_do_and_more_than_was_counted_are_no_error() -> None:
    assert told(Terminal(), 0, 0) == "\r\x1b[K"
    assert "100 %" in told(Terminal(), 3, 2)
