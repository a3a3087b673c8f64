"""The words that people write after `/heal` and `@heal`; pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from bot.core import durations, spelling
from bot.core.spelling import quoted
from bot.slack import escapes, places
from bot.slack.manual import BOOK
from bot.slack.verbs import Order, Unclear, Verb

LONGEST = 3_000
"""Characters of an order; Slack's own form holds hardly more."""
MOST_HISTORY = 50
LATELY = timedelta(days=1)
"""What a report is about when nothing is said."""
SNOOZED = timedelta(minutes=30)
"""How long somebody is left alone who does not say how long."""

Known = Callable[[str], str | None]
"""The id of what people call so, if there is one; a word for one plan of it gives `id.round`."""

_ABOUT_ONE = {
    Verb.PROBLEM,
    Verb.APPROVE,
    Verb.REJECT,
    Verb.CANCEL,
    Verb.BREAK_GLASS,
    Verb.UNDO,
    Verb.KEEP,
    Verb.WHY,
    Verb.REVOKE,
    Verb.RETRY,
    Verb.TRANSCRIPT,
    Verb.LINK,
}
_NEEDS_WHY = {
    Verb.REJECT: "<id> <why>",
    Verb.BREAK_GLASS: "<id> <why>",
    Verb.STOP: "<why>",
    Verb.RESUME: "<why>",
}
_PLACED = {
    Verb.FREEZE: "<service> [in <environment>] <2h> <why>",
    Verb.UNFREEZE: "<service> [in <environment>]",
}
_WORD = re.compile(r"""(?:[^\s"'=]{1,100}=)?(?:"[^"]*"|'[^']*')(?=\s|$)|\S+""")
_LOOKS_LIKE_ID = re.compile(r"(?:inc|run|p)-\S+|(?=[a-z]*[0-9])[a-z0-9]{6}")
_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)=(.*)", re.DOTALL)

_ALLOW = re.compile(
    r"(?P<runbook>\S+)\s+on\s+(?P<service>\S+)(?:\s+in\s+(?P<environment>\S+))?"
    r"\s+for\s+(?P<lasts>\S+)(?:\s+max\s+(?P<runs>[0-9]{1,4})(?:\s+runs?)?)?"
    r"\s+(?P<why>\"[^\"]+\"|'[^']+')"
)


def parse(text: str, known: Known, here: str = "") -> Order | Unclear:
    """
    Read an order. `here` is the incident whose thread it was written in: its id may be left out.

    >>> parse("run restart service=shop", lambda word: None).given
    {'service': 'shop'}
    >>> parse("aprove x", lambda word: None).says
    "'aprove' is unknown: did you mean 'approve'? For example `approve inc-7f3k2m`"
    """
    if len(text) > LONGEST:
        return Unclear(says=f"that is longer than {LONGEST} characters: say it shorter")
    word, rest = _split(escapes.undone(text))
    try:
        verb = Verb(word.lower() or Verb.HELP)
    except ValueError:
        return _slip(word)
    match verb:
        case _ if verb in _READERS:
            order = _READERS[verb](rest)
        case Verb.RUN | Verb.DRY_RUN:
            order = _run(verb, rest)
        case Verb.FREEZE | Verb.UNFREEZE:
            order = _about_a_place(verb, rest)
        case Verb.SNOOZE:
            order = _snooze(rest, known, here)
        case _ if verb in _ABOUT_ONE:
            order = _about_one(verb, rest, known, here)
        case _:
            order = _plain(verb, rest)
    return order


def _slip(word: str) -> Unclear:
    """The nearest right word, and how it is used."""
    says = spelling.unknown(word, [verb.value for verb in Verb])
    near = spelling.nearest(word, [verb.value for verb in Verb])
    return Unclear(says=f"{says} For example `{BOOK[Verb(near)].example}`" if near else says)


def _help(rest: str) -> Order | Unclear:
    word = rest.lower()
    if word and word not in list(Verb):
        return _slip(word)
    return Order(verb=Verb.HELP, about=Verb(word) if word else None)


def _only(verb: Verb, second: str, rest: str) -> Order | Unclear:
    if rest.lower() == second:
        return Order(verb=verb)
    says = f"write `{verb} {second}`; on the command line `heal {verb}` can do more"
    return Unclear(says=says)


def _snooze(rest: str, known: Known, here: str) -> Order | Unclear:
    order = _about_one(Verb.SNOOZE, rest, known, here)
    if not isinstance(order, Order):
        return order
    try:
        lasts = durations.parse(order.why) if order.why else SNOOZED
    except ValueError as error:
        return Unclear(says=f"{error}; `{BOOK[Verb.SNOOZE].example}`")
    return order.model_copy(update={"lasts": lasts, "why": ""})


def _run(verb: Verb, rest: str) -> Order | Unclear:
    words = _WORD.findall(rest)
    if not words:
        return Unclear(says=f"write `{verb} <runbook> name=value …`; `list` shows the runbooks")
    given: dict[str, str] = {}
    why = ""
    for word in words[1:]:
        if (found := _PARAMETER.fullmatch(word)) is not None:
            if found[1] in given:
                return Unclear(says=f"{quoted(found[1])} is given twice: write it once")
            given[found[1]] = _unquoted(found[2])
        elif word is words[-1] and word[0] in "\"'" and len(word) > 1 and word[-1] == word[0]:
            why = _unquoted(word)
        else:
            return Unclear(
                says=f"{quoted(word)} is no parameter: write `name=value`, with quotes around "
                'a value that has spaces, and the reason in quotes at the end: `"why"`'
            )
    return Order(verb=verb, runbook=words[0], given=given, why=why)


def _allow(rest: str) -> Order | Unclear:
    found = _ALLOW.fullmatch(rest)
    if found is None:
        return Unclear(
            says="write `allow <runbook> on <service> in <environment> for 2h max 3 runs "
            '"why"`; `in …` and `max …` may be left out'
        )
    try:
        lasts = durations.parse(found["lasts"])
    except ValueError as error:
        return Unclear(says=str(error))
    return Order(
        verb=Verb.ALLOW,
        runbook=found["runbook"],
        service=found["service"],
        environment=found["environment"] or "",
        lasts=lasts,
        runs=int(found["runs"] or 0),
        why=_unquoted(found["why"]),
    )


def _about_one(verb: Verb, rest: str, known: Known, here: str) -> Order | Unclear:
    word, after = _split(rest)
    incident = known(word) if word else None
    if incident is None:
        if not here or _LOOKS_LIKE_ID.fullmatch(word.lower()):
            which = f"no incident is called {quoted(word)}" if word else "which one"
            return Unclear(says=f"{which}: write `{verb} <id>`; `status` shows the ids")
        incident, after = here, rest
    why = _unquoted(after)
    if verb in _NEEDS_WHY and not why:
        return _without_why(verb)
    name, _, round_ = incident.partition(".")
    return Order(verb=verb, incident=name, round=int(round_ or 0), why=why)


def _about_a_place(verb: Verb, rest: str) -> Order | Unclear:
    if (found := places.place(rest)) is None:
        return Unclear(says=f"write `{verb} {_PLACED[verb]}`; `*` stands for every service")
    if verb is Verb.UNFREEZE:
        return Order(verb=verb, service=found.service, environment=found.environment,
                     why=_unquoted(found.rest))  # fmt: skip
    lasts, why = _split(found.rest)
    try:
        parsed = durations.parse(lasts)
    except ValueError as error:
        return Unclear(says=f"{error}; `{verb} {_PLACED[verb]}`")
    if not _unquoted(why):
        return Unclear(says=f"say why: `{verb} {_PLACED[verb]}`; it is kept with the record")
    return Order(verb=verb, service=found.service, environment=found.environment, lasts=parsed,
                 why=_unquoted(why))  # fmt: skip


def _history(rest: str) -> Order | Unclear:
    if not rest:
        return Order(verb=Verb.HISTORY)
    if not (rest.isascii() and rest.isdigit() and 1 <= int(rest[:9]) <= MOST_HISTORY):
        return Unclear(
            says=f"{quoted(rest)} is no count: write `history <n>`, n from 1 to {MOST_HISTORY}"
        )
    return Order(verb=Verb.HISTORY, count=int(rest))


def _report(rest: str) -> Order | Unclear:
    try:
        lasts = durations.parse(rest) if rest else LATELY
    except ValueError as error:
        return Unclear(says=f"{error}; `report 24h` and `report 7d` are usual")
    if not lasts:
        return Unclear(says="no time at all has no report: write `report 24h`")
    return Order(verb=Verb.REPORT, lasts=lasts)


def _plain(verb: Verb, rest: str) -> Order | Unclear:
    if verb in _NEEDS_WHY and not rest:
        return _without_why(verb)
    return Order(verb=verb, why=_unquoted(rest) if verb in _NEEDS_WHY else "")


def _without_why(verb: Verb) -> Unclear:
    return Unclear(says=f"say why: `{verb} {_NEEDS_WHY[verb]}`; it is kept with the record")


def _split(text: str) -> tuple[str, str]:
    """The first word, and what follows it."""
    first, *rest = text.split(maxsplit=1) or [""]
    return first, rest[0].strip() if rest else ""


def _unquoted(text: str) -> str:
    """Take one pair of quotes off."""
    closed = len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]
    return text[1:-1] if closed else text


_READERS: dict[Verb, Callable[[str], Order | Unclear]] = {
    Verb.HELP: _help,
    Verb.AUDIT: partial(_only, Verb.AUDIT, "verify"),
    Verb.TICKETS: partial(_only, Verb.TICKETS, "retry"),
    Verb.ALLOW: _allow,
    Verb.HISTORY: _history,
    Verb.REPORT: _report,
}
