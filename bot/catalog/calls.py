"""What a runbook calls: every action and probe exists, and is given what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from bot.catalog import checking
from bot.core import spelling
from bot.core.clauses import ProbeCall
from bot.core.flaws import Flaw, Path
from bot.core.runbook import Runbook

Kinds = Mapping[str, type[BaseModel]]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The actions and probes there are, each with the model of its parameters."""

    actions: Kinds
    probes: Kinds

    @property
    def systems(self) -> frozenset[str]:
        """What they speak to: the first word of each name."""
        return frozenset(name.partition(".")[0] for name in (*self.actions, *self.probes))


def flaws(runbook: Runbook, known: KnownNames) -> Iterator[Flaw]:
    """Find calls of what does not exist, and parameters that it does not take."""
    for at, step in enumerate(runbook.steps):
        yield from _of_call("do", step.do, step.params, known.actions, ("steps", at))
        if step.then is not None:
            yield from of_probes(step.then.probes, known, ("steps", at, "then", "probes"))
    yield from of_probes(runbook.diagnose, known, ("diagnose",))
    yield from of_probes(runbook.verify.probes, known, ("verify", "probes"))
    yield from of_probes(runbook.rollback.probes, known, ("rollback", "probes"))


def of_probes(calls: tuple[ProbeCall, ...], known: KnownNames, path: Path) -> Iterator[Flaw]:
    """Find probes that do not exist, and parameters that they do not take."""
    for at, call in enumerate(calls):
        yield from _of_call("probe", call.probe, call.params, known.probes, (*path, at))


def unknown(content: object, known: KnownNames) -> Iterator[Flaw]:
    """Find calls of what does not exist in a file that is not yet right in other ways."""
    for place, word, kinds in (
        (("steps",), "do", known.actions),
        (("diagnose",), "probe", known.probes),
        (("verify", "probes"), "probe", known.probes),
        (("rollback", "probes"), "probe", known.probes),
    ):
        listed = content
        for part in place:
            listed = listed.get(part) if isinstance(listed, dict) else None
        for at, call in enumerate(listed if isinstance(listed, list) else ()):
            name = call.get(word) if isinstance(call, dict) else None
            if isinstance(name, str) and name not in kinds:
                yield Flaw((*place, at, word), spelling.unknown(name, kinds))


def _of_call(
    word: str, name: str, given: Mapping[str, JsonValue], kinds: Kinds, path: Path
) -> Iterator[Flaw]:
    if name not in kinds:
        yield Flaw((*path, word), spelling.unknown(name, kinds))
        return
    model, inside = kinds[name], (*path, "with")
    fields = checking.names(model)
    for key in given.keys() - fields.keys():
        yield Flaw((*inside, key), spelling.unknown(key, fields))
    filled = {key for key, value in given.items() if "${" in str(value)}
    for error in _errors(model, {key: given[key] for key in given if key in fields}):
        first = error["loc"][0] if error["loc"] else None
        if first in filled or (first is None and filled):
            continue  # its value comes with the alert, and is checked then
        yield Flaw((*inside, *error["loc"]), checking.explain(model, error))


def _errors(model: type[BaseModel], given: Mapping[str, JsonValue]) -> list[ErrorDetails]:
    try:
        model.model_validate(given)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []
