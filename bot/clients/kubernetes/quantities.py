"""Quantities as Kubernetes writes them, 500m and 1.5Gi: read, compared and raised exactly: pure."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal

PATTERN = r"^\d{1,15}(\.\d{1,9})?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
_EVERY = re.compile(r"(\d*\.?\d*)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,3})?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def read(text: str) -> Decimal:
    """
    Read one: cores or bytes. ValueError when it is none.

    >>> read("500m"), read("1.5Ki"), read("1e3")
    (Decimal('0.500'), Decimal('1536.0'), Decimal('1E+3'))
    """
    found = _EVERY.fullmatch(text)
    if found is None or not any(map(str.isdigit, found[1])):
        raise ValueError(f"{text!r} is no quantity: write 500m, 2 or 512Mi")
    number, unit = Decimal(found[1]), found[2] or ""
    if unit in _BINARY:
        return number * Decimal(1024) ** (_BINARY.index(unit) + 1)
    if unit in _DECIMAL:
        return number * Decimal(10) ** _DECIMAL[unit]
    return Decimal(f"{found[1]}{unit}")


def raised(text: str, percent: int) -> str:
    """
    So many percent more, rounded up: to whole Mi from 1 Mi on, and to thousandths below.

    >>> raised("512Mi", 25), raised("300m", 25), raised("2", 50)
    ('640Mi', '375m', '3')
    """
    more = read(text) * (100 + percent) / 100
    if more >= 1024 * 1024:
        return f"{_up(more / 1024**2)}Mi"
    thousandths = _up(more * 1000)
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def least(*texts: str) -> str:
    """The smallest, as it is written."""
    return min(texts, key=read)


def _up(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))
