"""The form in which somebody asks for a run: the runbook first, then the fields that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import Field, ValidationError

from bot.core import facts, parameters
from bot.core.catalogue import Service
from bot.core.clauses import Parameter
from bot.core.runbook import Runbook
from bot.core.values import Frozen
from bot.slack import places
from bot.slack.cards import fields, parts
from bot.slack.cards.message import Block

FORM = "heal_wish"
RUNBOOK, PLACE, HOW, WHY = "runbook", "place", "how", "why"
CHOOSE = "choose_runbook"
"""The action id of the list of runbooks: what is chosen there is heard of at once."""
ASK, SHOW = "ask", "show"
LONGEST_WHY = 3_000
MOST = 88
"""Parameters of one form; Slack takes 100 blocks."""
MOST_PLACES = 100
"""Places that one list may have; beyond, they are searched as well."""
SHOWN = 400
"""Characters of a message that the form shows."""


class About(Frozen):
    """What a form was opened for: where the answer goes, and the message that it is about."""

    channel: str = Field(default="", pattern=r"^([CG][A-Z0-9]{2,20})?$")
    thread: str = Field(default="", pattern=r"^([0-9]{9,11}\.[0-9]{1,9})?$")
    said: str = Field(default="", max_length=SHOWN)

    @classmethod
    def of(cls, text: str) -> About:
        """Read it back; what is no such thing is about nothing, and goes where cards go."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return cls()

    @classmethod
    def read(cls, told: Mapping[str, str]) -> About:
        """The same of its parts: in a direct message, nobody else could see the card."""
        try:
            return cls.model_validate(told)
        except ValidationError:
            return cls(said=told.get("said", ""))


class Draft(NamedTuple):
    """What is known while the form is filled in."""

    about: About
    runbook: Runbook | None = None
    places: Sequence[Service] = ()
    askable: Mapping[str, Parameter] = {}
    note: str = ""


def form(draft: Draft, command: str = "/heal") -> Block:
    """Ask for the runbook; once it is chosen, for what it needs."""
    said, book = draft.about.said, draft.runbook
    about = draft.about.model_dump_json(exclude_defaults=True)
    return {
        "type": "modal", "callback_id": FORM, "private_metadata": about,
        "title": parts.plain("Heal this alert" if said else "Ask for a run", 24),
        "submit": parts.plain("Make a plan", 24), "close": parts.plain("Back", 24),
        "blocks": [
            *([parts.context("Heal reads no alert with a service and an environment here. "
                             "What shall it do?"), parts.quoted(said)] if said else []),
            *([parts.section(f"⚠️ {draft.note}")] if draft.note else []),
            _runbook(book),
            *(_fields(draft, book, command) if book else []),
            parts.context("The plan is shown and judged like any other, and you count as who "
                          "asked for it."),
        ],
    }  # fmt: skip


def block(runbook: str, name: str) -> str:
    """The block id of a parameter: another runbook's field of this name is another field."""
    return f"{runbook}:{name}"


def asked(draft: Draft) -> tuple[str, ...]:
    """The block ids of the fields that this form has."""
    blocks = form(draft)["blocks"]
    every = blocks if isinstance(blocks, list) else []
    return tuple(str(one["block_id"]) for one in every
                 if isinstance(one, dict) and one["type"] == "input")  # fmt: skip


def wish(who: str, sent: Mapping[str, str]) -> facts.Wish:
    """What a sent form asks for; how it is meant has to be said, else it is only shown."""
    runbook = sent.get(RUNBOOK, "")
    where = places.place(sent.get(PLACE, ""))
    given = {name.removeprefix(block(runbook, "")): text.strip() for name, text in sent.items()
             if name.startswith(block(runbook, "")) and text.strip()}  # fmt: skip
    at = {"service": where.service, "environment": where.environment} if where else {}
    return facts.Wish(by=who, runbook=runbook, given={**given, **at},
                      dry_run=sent.get(HOW) != ASK, why=sent.get(WHY, "").strip())  # fmt: skip


def runbook(one: Runbook) -> Block:
    """A runbook as one choice of the list."""
    return fields.option(one.runbook, about=one.title)


def place(one: Service) -> Block:
    """A service in its environment, the same."""
    return fields.option(f"{one.name} in {one.environment}", one.name, f"in {one.environment}")


def _runbook(chosen: Runbook | None) -> Block:
    element = fields.searched(runbook(chosen) if chosen else None, "Type to search", CHOOSE)
    return {**fields.field(RUNBOOK, "Runbook", element, "what shall be done; `list` shows all"),
            "dispatch_action": True}  # fmt: skip


def _fields(draft: Draft, book: Runbook, command: str) -> Iterator[Block]:
    yield parts.quoted(book.description)
    if not draft.places:
        yield parts.section("⚠️ No service of the catalogue is one that its owner allows it for.")
    yield fields.field(PLACE, "Service", _place(draft.places), "as the catalogue lists it")
    shown = _shown(draft.askable)
    for name in shown:
        one = draft.askable[name]
        own = _own(one)
        yield fields.parameter(block(book.runbook, name), name, one, own, optional=own is not None)
    if left := len(draft.askable) - len(shown):
        yield parts.context(f"… and {left} more, which keep the runbook's own value here. "
                            f"`{command} run` takes them as name=value.")  # fmt: skip
    choices = [
        fields.option(ASK, "Ask", "policy and people decide, then it is done"),
        fields.option(SHOW, "Only show it", "a dry run: nothing is executed"),
    ]
    yield fields.field(HOW, "How", fields.select(choices, ASK, "radio_buttons"))
    why = fields.typed(LONGEST_WHY, many=True)
    yield fields.field(WHY, "Why", why, "kept with the record", optional=True)


def _place(known: Sequence[Service]) -> Block:
    only = place(known[0]) if len(known) == 1 else None
    if not 0 < len(known) <= MOST_PLACES:
        return fields.searched(only, "Type to search")
    return fields.select([place(one) for one in known], str(only["value"]) if only else "")


def _shown(askable: Mapping[str, Parameter]) -> Sequence[str]:
    """As many as there is room for, in their order: those without a value of their own first."""
    needed = [name for name, one in askable.items() if _own(one) is None]
    spare = [name for name, one in askable.items() if _own(one) is not None]
    kept = {*needed[:MOST], *spare[: max(MOST - len(needed), 0)]}
    return [name for name in askable if name in kept]


def _own(one: Parameter) -> str | int | float | None:
    """The runbook's own value; one that is drawn from an alert there is none of here."""
    return None if parameters.template(one) else one.value
