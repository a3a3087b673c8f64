"""Objection: what a system outside says against acting now, by its ticket or its calendar."""

from __future__ import annotations

from pydantic import Field

from bot.core.values import Frozen


class Objection(Frozen):
    """Why nothing should be done, in its words; or why it could not be asked."""

    system: str
    says: str
    unread: bool = Field(default=False, description="nobody knows whether it objects")
