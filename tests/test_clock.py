"""The real clock: aware, monotonic, and patient."""

from __future__ import annotations

from datetime import UTC, timedelta

from bot.clock import Clock


def test_now_is_aware_and_in_utc() -> None:
    now = Clock().now()

    assert now.tzinfo == UTC
    assert timedelta(0) == now.utcoffset()


async def test_monotonic_time_passes_while_sleeping() -> None:
    clock = Clock()
    before = clock.monotonic()

    await clock.sleep(0.01)

    assert clock.monotonic() - before >= 0.009


async def test_a_negative_sleep_is_no_sleep() -> None:
    clock = Clock()
    before = clock.monotonic()

    await clock.sleep(-5)

    assert clock.monotonic() - before < 1
