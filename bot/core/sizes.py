"""Sizes as people read them: 4.2 GB; decimal, as disks are sold."""

from __future__ import annotations

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def in_words(size: int) -> str:
    """
    Say a number of bytes by its largest unit.

    >>> in_words(4_213_000_000), in_words(999), in_words(1000)
    ('4.2 GB', '999 B', '1.0 kB')
    """
    left, unit = float(size), 0
    while left >= 999.95 and unit < len(UNITS) - 1:
        left, unit = left / 1000, unit + 1
    return f"{left:.1f} {UNITS[unit]}" if unit else f"{size} B"
