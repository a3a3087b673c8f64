"""What lies in an outbox row: a message or a file, how urgent it is, and the names of slots."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from pydantic import Field, JsonValue

from bot.core.values import Frozen

LONGEST_TEXT = 3_900
"""Characters of the notification text: chat.update refuses more than 4,000."""


class Kind(StrEnum):
    """How a row is sent: posted and edited, or uploaded once."""

    MESSAGE = "message"
    FILE = "file"


class Priority(IntEnum):
    """Who goes first when Slack is slow: what waits for a person, then how things ended."""

    APPROVAL = 0
    ESCALATION = 1
    RESULT = 2
    NEWS = 3
    PROGRESS = 4
    TRANSCRIPT = 5


class Post(Frozen):
    """A message; `thread_ts` puts it into a thread that is not ours."""

    text: str = Field(max_length=LONGEST_TEXT)
    blocks: tuple[dict[str, JsonValue], ...] = ()
    thread_ts: str = ""


class Upload(Frozen):
    """
    A file; its name is unique, so that an upload can be recognised later.

    What is in it is `content`, or what the incident of the slot keeps under the name `exhibit`;
    `alt` says what a picture shows.
    """

    filename: str
    title: str
    content: str
    thread_ts: str = ""
    exhibit: str = ""
    alt: str = ""


def card(incident: str) -> str:
    """The slot of the one message that an incident is known by."""
    return f"{incident}/card"


def progress(incident: str) -> str:
    return f"{incident}/progress"


def note(incident: str, name: str) -> str:
    return f"{incident}/note/{name}"


def direct(incident: str, round_: int, who: str) -> str:
    """The slot of what one person is told in private about a round's question."""
    return f"{incident}/direct/{round_}/{who}"


def called(incident: str, level: int, who: str) -> str:
    """The slot of what one person is told in private when a further level is called."""
    return f"{incident}/called/{level}/{who}"


def snooze(incident: str, number: int, who: str) -> str:
    """The slot of what one person is reminded of who wanted to be reminded then."""
    return f"{incident}/snooze/{number}/{who}"


def plan(incident: str, round_: int) -> str:
    return f"{incident}/plan/{round_}"


def exhibit(incident: str, name: str) -> str:
    return f"{incident}/exhibit/{name}"


def transcript(incident: str) -> str:
    return f"{incident}/transcript"


def digest(storm: str) -> str:
    """The slot of the one message that a storm is told in."""
    return f"storm/{storm}"


def policy(refusal: str) -> str:
    """The slot of the one message about what lies on disk and cannot be used."""
    return f"house/policy/{refusal}"


def report(day: str) -> str:
    """The slot of the one message that a day's report is told in."""
    return f"house/report/{day}"


def permit(name: str) -> str:
    """The slot of the one message that a pre-approval is known by."""
    return f"permit/{name}"


def batch(key: str) -> str:
    """The slot of the one message in which plans of one kind stand together."""
    return f"batch/{key}"


def is_batch(slot: str) -> bool:
    return slot.startswith(batch(""))


def incident_of(slot: str) -> str:
    """
    The incident that a slot belongs to.

    >>> incident_of(note("inc-7f3k2m", "escalated"))
    'inc-7f3k2m'
    """
    return slot.partition("/")[0]
