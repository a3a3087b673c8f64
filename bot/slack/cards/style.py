"""
How cards are worded where people want it otherwise: their tone, their signs, their blocks; pure.

Every message is made in one way and dressed at the last moment. Only signs of our own are taken
off or named anew: what others wrote, what is in code style and what reactions mean stays as it is.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from bot.slack.cards import parts, spoken
from bot.slack.cards.escaping import escape
from bot.slack.cards.message import Block


class Tone(StrEnum):
    """How much is said."""

    PLAIN = "plain"
    BRIEF = "brief"


class Progress(StrEnum):
    """How the steps of a run are shown."""

    AUTO = "auto"
    PLAN = "plan"
    SECTIONS = "sections"


class CardsSettings(BaseModel):
    """How messages in Slack are worded: `HEAL_CARDS_…`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tone: Tone = Field(
        default=Tone.PLAIN,
        description="plain | brief: brief leaves out why a runbook was chosen, the rules that "
        "allow and the hints; never anything of what is asked to be approved",
    )
    emoji: str = Field(
        default="on", pattern="^(on|off)$", description="on | off: the signs before lines"
    )
    signs: str = Field(
        default="",
        description="emoji of your own instead of Heal's, with commas: ✅=:ship-it:,🚨=:alarm:",
    )
    progress: Progress = Field(
        default=Progress.AUTO,
        description="auto | plan | sections: steps as Slack's plan block, or as plain lines where "
        "a workspace does not know it; auto finds out",
    )

    @field_validator("signs")
    @classmethod
    def _known(cls, given: str) -> str:
        for each in filter(None, map(str.strip, given.split(","))):
            sign, _, name = each.partition("=")
            if not _SIGN.fullmatch(sign):
                raise ValueError(f"{sign!r} is no sign, as ✅ is")
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of an emoji, as :ship-it: is")
        return given

    @property
    def named(self) -> dict[str, str]:
        """The own names, by the sign that each stands for."""
        pairs = (one.strip().partition("=") for one in self.signs.split(",") if one.strip())
        return {sign.removesuffix("\ufe0f"): name for sign, _, name in pairs}


EXTRA = "extra_"
"""How the id of a block begins that a brief card leaves out."""
ENDINGS = {"✅": "done: ", "❌": "failed: ", "⏩": "not begun: ", "❓": "unknown: "}
"""Before a step they are all that tells how it ended: without signs that is a word."""
REACTIONS = "or react: "
"""What these signs mean is no matter of taste."""
_EMOJI = "[\u21a9\u23e9-\u23fa\u25aa-\u25fe\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_SIGN = re.compile(rf"{_EMOJI}\ufe0f?")
_NAME = re.compile(r":[a-z0-9_+'-]{1,100}:")
_FIRST = re.compile(rf"^(\*|\d+\. )?({_EMOJI})\ufe0f?( ?)")
_WITHIN = re.compile(rf"((?<=\* )|(?<=· ))({_EMOJI})\ufe0f?( ?)")
_CODE = re.compile(r"(`[^`]*`)")


def dressed(blocks: list[Block], style: CardsSettings, *, plainly: bool = False) -> list[Block]:
    """The blocks as this workspace wants them; `plainly` when it knows no plan and no table."""
    if style.tone is Tone.BRIEF:
        blocks = [one for one in blocks if not str(one.get("block_id", "")).startswith(EXTRA)]
    if plainly or style.progress is Progress.SECTIONS:
        blocks = [plain for one in blocks for plain in _simpler(one)]
    if style.emoji == "on" and not style.signs:
        return blocks
    said = copy.deepcopy(blocks)
    _walk(said, lambda text: _signed(text, style))
    return said


def words(text: str, style: CardsSettings) -> str:
    """The line of a notification, dressed like the blocks."""
    return text if style.emoji == "on" and not style.signs else _signed(text, style)


def _signed(text: str, style: CardsSettings) -> str:
    if text.startswith(REACTIONS):
        return text
    return "\n".join(_line_signed(line, style) for line in text.split("\n")) or text


def _line_signed(line: str, style: CardsSettings) -> str:
    """Signs at its beginning, behind a title and behind a dot; never in code style."""

    def sign(found: re.Match[str]) -> str:
        before, name = found[1] or "", found[2]
        if style.emoji == "off":
            return before + (ENDINGS.get(name, "") if before.endswith(". ") else "")
        return f"{before}{style.named[name]}{found[3]}" if name in style.named else found[0]

    pieces = _CODE.split(line)
    pieces[0] = _FIRST.sub(sign, pieces[0])
    pieces[::2] = [_WITHIN.sub(sign, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _walk(value: JsonValue | list[Block], change: Callable[[str], str]) -> None:
    """Change every text of ours; what others wrote is in texts that know no emoji."""
    if isinstance(value, list):
        for one in value:
            _walk(one, change)
    elif isinstance(value, dict):
        ours = value.get("type") == "mrkdwn" or value.get("emoji") is True
        if ours and isinstance(value.get("text"), str):
            value["text"] = change(str(value["text"]))
            return
        for one in value.values():
            _walk(one, change)


def has_new(blocks: list[Block]) -> bool:
    """Whether there is a block that older workspaces do not know."""
    return any(one.get("type") in {"plan", "table"} for one in blocks)


def _simpler(block: Block) -> list[Block]:
    match block:
        case {"type": "plan", "title": title, "tasks": list(tasks)}:
            lines = [_line(one) for one in tasks if isinstance(one, dict)]
            return list(parts.sections(escape(str(title)), lines))
        case {"type": "table", "rows": list(rows)}:
            lines = [f"• {': '.join(map(_cell, row))}" for row in rows[1:] if isinstance(row, list)]
            return list(parts.sections("", lines))
    return [block]


def _line(task: Block) -> str:
    """One task as a line, as its card would say it."""
    signs = {"pending": "⚪", "in_progress": "🔧", "complete": "✅", "error": "❌"}
    status, said = str(task["status"]), "".join(_inline(task.get("output")))
    title, more = escape(str(task["title"]), 300), "".join(_inline(task.get("details")))
    ended = f"{spoken.STATUS[status]}{f': {said}' if said else ''}"
    return f"{signs[status]} {title} – {ended}{f' ({more})' if more else ''}"


def _inline(value: JsonValue) -> list[str]:
    match value:
        case {"type": "text", "text": str(text)}:
            return [f"{' ' * text.startswith(' ')}{escape(text)}{' ' * text.endswith(' ')}"]
        case {"type": "user", "user_id": str(who)}:
            return [f"<@{who}>"]
        case {"type": "date", "timestamp": int(at), "format": str(form), "fallback": str(said)}:
            return [f"<!date^{at}^{form}|{said}>"]
        case {"elements": list(inner)}:
            return [said for one in inner for said in _inline(one)]
    return []


def _cell(cell: JsonValue) -> str:
    return escape(str(cell.get("text", ""))) if isinstance(cell, dict) else ""
