"""What can be wrong with a runbook beyond the shape of its fields, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import JsonValue

from bot.core import parameters, patterns, references, scalars, spelling
from bot.core.clauses import Parameter, ParameterType, ProbeCall, Scalar
from bot.core.durations import text
from bot.core.expressions import Condition, ExpressionError
from bot.core.references import Names
from bot.core.steps import Then, Verify
from bot.core.templates import Template

Path = tuple[str | int, ...]

_SIZED = {ParameterType.INTEGER, ParameterType.NUMBER, ParameterType.DURATION}


class Flaw(NamedTuple):
    """One mistake: where it stands in the file, and what is wrong with its remedy."""

    path: Path
    message: str


class FlawedError(ValueError):
    """The shape is right, yet it does not hang together; carries every flaw."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(f"{place(flaw.path)}: {flaw.message}" for flaw in self.flaws))


def place(path: Path) -> str:
    """
    Write a path as people say it.

    >>> place(("steps", 0, "do"))
    'steps[0].do'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part[:80]}" for part in path)
    return "".join(parts).removeprefix(".")


def of_condition(condition: str | None, names: Names, path: Path) -> Iterator[Flaw]:
    """A condition that cannot be compiled, or can never be true or false."""
    if condition is not None:
        try:
            Condition.compile(condition, names)
        except ExpressionError as error:
            yield Flaw(path, str(error))


def of_templates(value: JsonValue, names: Names, path: Path) -> Iterator[Flaw]:
    """Every `${...}` in a value that cannot be compiled."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from of_templates(item, names, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from of_templates(item, names, (*path, at))
    else:
        try:
            Template.compile(value, names)
        except ExpressionError as error:
            yield Flaw(path, str(error))


def of_calls(calls: Iterable[ProbeCall], names: Names, path: Path) -> Iterator[Flaw]:
    """Two results of one name, and wrong `${...}` in what the probes are given."""
    seen: set[str] = set()
    for at, call in enumerate(calls):
        if call.name in seen:
            yield Flaw((*path, at, "as"), f"{call.name!r} is used twice: choose another name")
        seen.add(call.name)
        yield from of_templates(call.params, names, (*path, at, "with"))


def of_signal(condition: str | None, calls: Iterable[ProbeCall], path: Path) -> Iterator[Flaw]:
    """A condition that looks at nothing that was read, or reads that no condition looks at."""
    names = [call.name for call in calls]
    if condition is None and names:
        yield Flaw(path, f"{path[-1]} is missing: nothing looks at {', '.join(names)}")
    elif condition and not any(references.mentions(condition, name) for name in names):
        yield Flaw(path, f"it looks at no probe: use one of {', '.join(names) or '(none)'}")


def of_times(proof: Verify | Then, path: Path) -> Iterator[Flaw]:
    """Times that cannot all be kept."""
    for name, span in (("every", proof.every), ("hold", proof.hold)):
        if span > proof.within:
            longest = f"`within` is {text(proof.within)}"
            yield Flaw((*path, name), f"{text(span)} is too long: {longest}")


def of_parameter(parameter: Parameter, names: Names, path: Path) -> Iterator[Flaw]:
    """Bounds that are not of its type, and a literal that does not fit its own bounds."""
    found = [*_of_pattern(parameter, path), *_of_bounds(parameter, path)]
    yield from found
    if parameters.template(parameter) is not None:
        yield from of_templates(parameter.value, names, (*path, "value"))
    elif parameter.value is not None and not found:
        try:
            parameters.settle(parameter, parameter.value)
        except ValueError as error:
            yield Flaw((*path, "value"), str(error))


def _of_pattern(parameter: Parameter, path: Path) -> Iterator[Flaw]:
    if parameter.pattern is not None:
        if parameter.type is not ParameterType.STRING:
            yield Flaw((*path, "pattern"), f"a pattern is for strings, this is {parameter.type}")
        elif (slip := patterns.flaw(parameter.pattern)) is not None:
            yield Flaw((*path, "pattern"), slip)


def _of_bounds(parameter: Parameter, path: Path) -> Iterator[Flaw]:
    bounds = {"min": parameter.min, "max": parameter.max}
    given: dict[str, Scalar] = {n: bound for n, bound in bounds.items() if bound is not None}
    for name, bound in given.items():
        if parameter.type not in _SIZED:
            yield Flaw((*path, name), f"{name} is for numbers and durations, not {parameter.type}")
        elif not readable(parameter.type, bound):
            yield Flaw((*path, name), f"{spelling.quoted(bound)} is not {parameter.type}")
    for at, choice in enumerate(parameter.choices):
        if not readable(parameter.type, choice):
            shown = spelling.quoted(choice)
            yield Flaw((*path, "choices", at), f"{shown} is not {parameter.type}")
    least, most = (scalars.size(bound) for bound in (given.get("min", ""), given.get("max", "")))
    if least is not None and most is not None and least > most:
        yield Flaw((*path, "min"), f"min {parameter.min} is above max {parameter.max}")


def readable(kind: ParameterType, value: Scalar) -> bool:
    """Tell whether a value is of a type at all."""
    try:
        scalars.read(kind, value)
    except ValueError:
        return False
    return True
