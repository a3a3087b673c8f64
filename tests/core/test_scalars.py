from __future__ import annotations

from typing import Any

import pytest

from bot.core import scalars
from bot.core.clauses import ParameterType


@pytest.mark.parametrize(
    ("kind", "raw", "read"),
    [
        ("string", "shop", "shop"),
        ("integer", "50", 50),
        ("integer", 50, 50),
        ("integer", 50.0, 50),
        ("integer", "-3", -3),
        ("number", "0.5", 0.5),
        ("number", 2, 2.0),
        ("boolean", "true", True),
        ("boolean", False, False),
        ("duration", "90s", "1m30s"),
    ],
)
def test_a_value_is_read_as_its_type(kind: str, raw: Any, read: Any) -> None:
    found = scalars.read(ParameterType(kind), raw)

    assert (type(read), read) == (type(found), found)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("string", 5),
        ("string", None),
        ("integer", "5.0"),
        ("integer", "٥"),
        ("integer", "1" * 19),
        ("integer", 5.5),
        ("integer", True),
        ("integer", [5]),
        ("number", "nan"),
        ("number", "1e9"),
        ("number", True),
        ("boolean", "yes"),
        ("boolean", 1),
        ("boolean", [True]),
        ("duration", 90),
        ("duration", "90"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, raw: Any) -> None:
    with pytest.raises(ValueError):
        scalars.read(ParameterType(kind), raw)


def test_numbers_and_durations_have_a_size_and_nothing_else() -> None:
    sizes = [scalars.size(value) for value in (5, 0.5, "2m", "shop", True)]

    assert sizes == [5, 0.5, 120, None, None]
