"""Names say what a thing is, and every module begins with what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.rules import house

BANNED = frozenset(
    [
        *("manager", "helper", "helpers", "util", "utils", "common", "misc", "base", "impl"),
        *("processor", "handler", "data", "info"),
    ]
)
OURS_ONLY = frozenset({"service", "services"})
"""Banned as the name of a module or class of ours; a function may speak of the service it heals."""
ALLOWED = {
    "bot.actions.host.restart_service": "the service is systemd's: a unit that people name so",
    "bot.actions.host.restart_service.RestartService": "the class of that action",
    "bot.clients.commands.data_received": "asyncio's name for it, in its protocols",
    "bot.clients.ssh.data_received": "the same name in asyncssh, in its sessions",
    "bot.core.catalogue.Service": "the noun: what is healed, as the alert's label says",
    "bot.core.policy.one_service": "the rule is about the service that is healed, not about ours",
    "bot.core.promises.AssumedService": "the service that a runbook's test assumes",
}
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def tokens(name: str) -> set[str]:
    """
    Split a name into its words.

    >>> sorted(tokens("HTTPHandler_ofData"))
    ['data', 'handler', 'http', 'of']
    """
    return {word.lower() for word in _TOKENS.findall(name)}


def named(module: house.Module) -> Iterator[tuple[str, frozenset[str]]]:
    """Every name that a module gives, with the words that are banned for its kind."""
    yield module.name, BANNED | OURS_ONLY
    for one in module.classes():
        yield f"{module.name}.{one.name}", BANNED | OURS_ONLY
    for function in module.functions():
        yield f"{module.name}.{function.name}", BANNED


def test_no_name_hides_behind_an_empty_word() -> None:
    found = {
        name: sorted(tokens(name.rpartition(".")[2]) & banned)
        for module in house.modules()
        for name, banned in named(module)
        if name not in ALLOWED
    }

    assert {name: words for name, words in found.items() if words} == {}


def test_every_exception_from_the_words_is_still_needed() -> None:
    names = {name for module in house.modules() for name, _ in named(module)}

    assert sorted(set(ALLOWED) - names) == []


def test_a_module_begins_with_what_it_is_for() -> None:
    found = [f"{one.place}: {why}" for one in house.modules() for why in faults(one.headline)]

    assert found == []


def faults(said: str) -> Iterator[str]:
    """What is wrong with a headline."""
    if not re.match(r"[A-Z`0-9]", said):
        yield f"begin with a sentence, not {said!r}"
    if not said.endswith((".", "!", "?")):
        yield f"{said!r} is not one whole sentence"
    if said.startswith("This module"):
        yield "say what it is for at once"


def test_the_rule_sees_what_is_no_headline() -> None:
    assert len(list(faults("what it does"))) == 2
    assert len(list(faults("This module does it."))) == 1
    assert list(faults("What it does.")) == []
