"""The one place where rooms are joined: each is handed the callables and ports that it needs."""

from __future__ import annotations

from bot.app.house import PHASES, House

__all__ = ["PHASES", "House"]
