"""The engine's own patience with one step: it tries again while the action asks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

from bot.clock import Clock
from bot.core.facts import StepEnding
from bot.engine import running
from bot.engine.underway import Underway


async def attempt(within: float, do: Callable[[], Awaitable[str]]) -> tuple[StepEnding, str]:
    """How a step ended that may take so many seconds, and what it said."""
    cases = SimpleNamespace(underway=Underway())
    world = SimpleNamespace(clock=Clock(), cases=cases)
    life = SimpleNamespace(incident="inc-7f3k2m", acting=nullcontext)
    story = SimpleNamespace(world=world, life=life)
    return await running.attempt(cast(Any, story), within, do, repeatable=False)
