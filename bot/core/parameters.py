"""
Fitting parameters: a typed, bounded value for each, or every reason why there is none.

Values come from three hands: the runbook (a literal), the alert or the catalogue (`${...}`),
and a person (`/heal run size=30`). All three pass the same checks. What the catalogue says of a
service cannot be overridden by hand: it is what keeps an action on the right target.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from bot.core import patterns, scalars, spelling, templates
from bot.core.clauses import Parameter, ParameterType, Scalar
from bot.core.expressions import ExpressionError
from bot.core.templates import Template
from bot.core.values import Frozen

LONGEST = 256
_ORIGINS = {"alert": None, "service": None}
_ARTICLES = {
    ParameterType.STRING: "a string",
    ParameterType.INTEGER: "an integer",
    ParameterType.NUMBER: "a number",
    ParameterType.BOOLEAN: "true or false",
    ParameterType.DURATION: "a duration like 90s",
}


class Fitted(Frozen):
    """A value for every parameter; a duration is text that CEL's duration() reads."""

    values: dict[str, Scalar]


class Misfit(Frozen):
    """Why there is no value: each reason names the parameter, the value and what would fit."""

    reasons: tuple[str, ...]


def fit(
    parameters: Mapping[str, Parameter],
    given: Mapping[str, Scalar],
    context: Mapping[str, object],
) -> Fitted | Misfit:
    """Settle every parameter from what was given, else from the runbook's own value."""
    values, wrong = _settled(parameters, given, context)
    if not wrong:
        return Fitted(values=values)
    said = (why if name not in parameters else f"{name}: {why}" for name, why in wrong.items())
    return Misfit(reasons=tuple(said))


def misfits(
    parameters: Mapping[str, Parameter],
    given: Mapping[str, Scalar],
    context: Mapping[str, object],
) -> dict[str, str]:
    """Say why `fit` has no value, by name."""
    return _settled(parameters, given, context)[1]


def _settled(
    parameters: Mapping[str, Parameter],
    given: Mapping[str, Scalar],
    context: Mapping[str, object],
) -> tuple[dict[str, Scalar], dict[str, str]]:
    wrong = {name: spelling.unknown(name, parameters) for name in given if name not in parameters}
    settled: dict[str, Scalar] = {}
    for name, parameter in parameters.items():
        try:
            settled[name] = settle(parameter, _raw(name, parameter, given, context))
        except ValueError as error:
            wrong[name] = str(error)
    return settled, wrong


def settle(parameter: Parameter, raw: JsonValue) -> Scalar:
    """Read one value as its type and check it; ValueError says what would fit."""
    try:
        value = scalars.read(parameter.type, raw)
    except ValueError as error:
        raise ValueError(_misfit(parameter, raw)) from error
    if not _within(parameter, value):
        raise ValueError(_misfit(parameter, raw))
    if isinstance(value, str) and parameter.type is ParameterType.STRING:
        _check_text(parameter, value)
    return value


def wanted(parameter: Parameter) -> str:
    """
    Say what would fit.

    >>> wanted(Parameter(type=ParameterType.INTEGER, min=20, max=80))
    'an integer from 20 to 80'
    """
    if parameter.choices:
        return "one of " + ", ".join(str(choice) for choice in parameter.choices)
    said = _ARTICLES[parameter.type]
    if parameter.pattern is not None:
        return f"{said} that matches {parameter.pattern}"
    if parameter.min is not None and parameter.max is not None:
        return f"{said} from {parameter.min} to {parameter.max}"
    if parameter.min is not None:
        return f"{said} of at least {parameter.min}"
    return said if parameter.max is None else f"{said} of at most {parameter.max}"


def _misfit(parameter: Parameter, raw: JsonValue) -> str:
    return f"{spelling.quoted(raw)} does not fit: give {wanted(parameter)}"


def template(parameter: Parameter) -> str | None:
    """Return the `${...}` that the value is drawn from, if it is."""
    value = parameter.value
    return value if isinstance(value, str) and "${" in value else None


def fixed(parameter: Parameter) -> bool:
    """Whether the catalogue says what it is, so that no person can."""
    source = template(parameter)
    return source is not None and Template.compile(source, _ORIGINS).mentions("service")


def _raw(
    name: str,
    parameter: Parameter,
    given: Mapping[str, Scalar],
    context: Mapping[str, object],
) -> JsonValue:
    source = template(parameter)
    if name in given:
        if fixed(parameter):
            shown = spelling.quoted(given[name])
            raise ValueError(f"{shown} cannot be given: the catalogue says what it is ({source})")
        return given[name]
    if parameter.value is None:
        raise ValueError(f"it has no value: give {wanted(parameter)} as {name}=...")
    if source is None:
        return parameter.value
    try:
        return templates.render(source, context)
    except ExpressionError as error:
        raise ValueError(f"it has no value: {error}; {wanted(parameter)} would fit") from error


def _within(parameter: Parameter, value: Scalar) -> bool:
    if parameter.choices:
        return value in [scalars.read(parameter.type, choice) for choice in parameter.choices]
    size = scalars.size(value)
    least = None if parameter.min is None else scalars.size(parameter.min)
    most = None if parameter.max is None else scalars.size(parameter.max)
    if size is None:
        return True
    return (least is None or least <= size) and (most is None or size <= most)


def _check_text(parameter: Parameter, value: str) -> None:
    pattern, shown = parameter.pattern, spelling.quoted(value)
    if len(value) > LONGEST or not value.isprintable():
        why = f"{shown} is too long or has invisible characters"
        raise ValueError(f"{why}: give {wanted(parameter)}")
    if pattern is not None and not patterns.fits(pattern, value):
        raise ValueError(_misfit(parameter, value))
    if not value and pattern is None:
        raise ValueError(f"it is empty: give {wanted(parameter)}")
    if value.startswith("-") and not (pattern and patterns.invites_a_dash(pattern)):
        raise ValueError(f"{shown} begins with a dash, which commands take for an option")
