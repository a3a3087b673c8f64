"""A Slack workspace on this machine, as strict as Slack: see README.md for what it models."""

from bot.rehearsal.workspace.cast import App, Cast, Command, Group, Person, Room, Timing
from bot.rehearsal.workspace.wire import NotAnswered, NotPossible
from bot.rehearsal.workspace.workspace import Workspace

__all__ = [
    "App",
    "Cast",
    "Command",
    "Group",
    "NotAnswered",
    "NotPossible",
    "Person",
    "Room",
    "Timing",
    "Workspace",
]
