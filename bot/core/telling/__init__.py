"""Telling: what happened, in plain sentences and as one document; no chat's markup in it."""

from __future__ import annotations

from bot.core.telling.document import transcript
from bot.core.telling.phrases import measured, reading, span
from bot.core.telling.sentences import sentence

__all__ = ["measured", "reading", "sentence", "span", "transcript"]
