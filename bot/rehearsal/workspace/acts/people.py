"""Everything that people can do, in one class; and with it what a reader of the page can break."""

from __future__ import annotations

from bot.rehearsal.workspace.acts.asking import Asking
from bot.rehearsal.workspace.acts.fate import Fate
from bot.rehearsal.workspace.acts.filling import Filling
from bot.rehearsal.workspace.acts.talking import Talking


class People(Talking, Asking, Filling):
    """The acts of people."""


class Offered(People, Fate):
    """The acts that the page offers."""
