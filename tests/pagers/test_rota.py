"""The policy's own rotations answer for the instant that is asked about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.errors import PermanentError
from bot.core.policy.sections import Rota
from bot.pagers._rota import Rotas

SHOP = Rota.model_validate(
    {"people": ["U1", "U2"], "zone": "UTC", "first": "2026-01-05", "handover": "00:00", "days": 1}
)


async def test_who_is_on_call_is_asked_of_the_policy_in_force() -> None:
    held = {"shop": SHOP}
    rotas = Rotas(lambda: held)
    at = datetime(2026, 1, 6, 12, tzinfo=UTC)
    before = await rotas.who_is_on_call("shop", at)
    held["shop"] = SHOP.model_copy(update={"people": ("U1", "U3")})

    assert [*before, *await rotas.who_is_on_call("shop", at)] == ["U2", "U3"]


async def test_a_rota_that_is_not_there_is_no_guess() -> None:
    with pytest.raises(PermanentError, match="the rota 'shp' is unknown: did you mean 'shop'"):
        await Rotas(lambda: {"shop": SHOP}).who_is_on_call("shp", datetime(2026, 1, 6, tzinfo=UTC))
