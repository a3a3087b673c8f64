"""Everything that people can do, in one class."""

from __future__ import annotations

from bot.rehearsal.workspace.acts.asking import Asking
from bot.rehearsal.workspace.acts.filling import Filling
from bot.rehearsal.workspace.acts.talking import Talking


class People(Talking, Asking, Filling):
    """The acts that the page offers too."""
