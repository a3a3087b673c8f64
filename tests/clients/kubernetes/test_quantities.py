"""Quantities are compared as amounts and not as texts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.clients.kubernetes import quantities


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0"), ("2", "2"), ("500m", "0.5"), ("1k", "1000"), ("1Ki", "1024"), ("1E", "1e18"),
        ("1E3", "1000"), ("1e-3", "0.001"), ("1.5Gi", "1610612736"), (".5", "0.5"),
        ("100n", "1e-7"),
    ],
)  # fmt: skip
def test_every_way_to_write_one_is_read(text: str, amount: str) -> None:
    assert quantities.read(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "Mi", "1 Gi", "-1", "1gi", "NaN", "1e", ".", "½"])
def test_what_is_none_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        quantities.read(text)


def test_the_least_is_the_smallest_amount() -> None:
    assert quantities.least("900Mi", "1Gi") == "900Mi"
    assert quantities.least("1000m", "0.9") == "0.9"
