"""Patterns are RE2, through CEL: linear in time, so that no text can make one backtrack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.core import spelling
from bot.core.expressions import Expression, ExpressionError

_NAMES = {"pattern": None, "text": None}
_IN_LINES = {"pattern": None, "lines": None}
_BEGINS_WITH_A_DASH = re.compile(r"[\^(?:\[\\]*-")


@lru_cache(maxsize=1024)
def flaw(pattern: str) -> str | None:
    """
    Say what is wrong with a pattern, or nothing.

    It must stand alone as well as inside the anchors that `fits` puts around it: `a)|(b`
    would otherwise step out of them.

    >>> flaw("[a-z]+") is None, flaw("a)|(b") is None
    (True, False)
    """
    if not pattern.isprintable():
        return f"{spelling.quoted(pattern)} has invisible characters: write them as \\x{{...}}"
    try:
        _matches(pattern, "")
        _matches(_whole(pattern), "")
    except ExpressionError as error:
        why = str(error).rpartition("regular expression: ")[2]
        return f"{spelling.quoted(pattern)} is not an RE2 pattern: {why}"
    return None


def fits(pattern: str, text: str) -> bool:
    """
    Tell whether a pattern without flaw matches the whole text.

    >>> fits("[a-z]+", "shop"), fits("[a-z]+", "shop; reboot")
    (True, False)
    """
    return _matches(_whole(pattern), text)


def found(pattern: str, lines: Sequence[str]) -> list[bool]:
    """
    Tell for each line whether a pattern without flaw matches anywhere in it.

    >>> found("(?i)error", ["an Error", "all is well"])
    [True, False]
    """
    asked = Expression.compile("lines.map(line, line.matches(pattern))", _IN_LINES)
    answers = asked.value({"pattern": pattern, "lines": list(lines)})
    return [one is True for one in answers] if isinstance(answers, list) else []


def invites_a_dash(pattern: str) -> bool:
    """
    Tell whether its author clearly meant texts that begin with a dash.

    >>> invites_a_dash("-?[0-9]+"), invites_a_dash(".*")
    (True, False)
    """
    return _BEGINS_WITH_A_DASH.match(pattern) is not None


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


def _matches(pattern: str, text: str) -> bool:
    asked = Expression.compile("text.matches(pattern)", _NAMES)
    return asked.value({"pattern": pattern, "text": text}) is True
