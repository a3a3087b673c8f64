"""
A strict YAML reader: the small, boring part of the language, and nothing that surprises.

Refused are aliases, anchors, tags, duplicate keys, a second document, files over 1 MB, nesting
over 20 levels and symlinks that lead out of the directory. `yes`, `on`, 0777, 12:30 and dates
are texts: only true, false, null and decimal numbers are more than they look. The tree is built
from libyaml's events, so that a hostile file is refused where it begins to be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml

from bot.catalog.problems import CatalogError, Document, Problem
from bot.core import flaws, spelling

LARGEST = 1_000_000
DEEPEST = 20
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_REMEDIES = {
    "tab": "a tab stands here: YAML indents with spaces",
    "cannot start any token": "a sign stands here that cannot begin a value (a tab? @? `?): "
    "indent with spaces, put the text in quotes",
    "mapping values are not allowed": "a colon stands where none may be: put the text in quotes",
}


def read(path: Path, directory: Path) -> Document:
    """Read one file inside a directory; CatalogError says what is wrong with it and where."""
    file = f"{directory.name}/{path.relative_to(directory)}"
    try:
        return parse(_content(path, directory), file)
    except OSError as error:
        raise CatalogError([Problem(file, 1, (), f"it cannot be read: {error}")]) from error
    except _Refused as refused:
        raise CatalogError([refused.problem(file)]) from refused


def parse(content: bytes, file: str) -> Document:
    """Parse the text of one file; CatalogError says what is wrong with it and where."""
    try:
        text = _text(content)
        return Document(file, _Tree(_events(text)).document(), _Lines(text))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CatalogError([Problem(file, line, (), "it is not UTF-8: save it as such")]) from error
    except yaml.YAMLError as error:
        raise CatalogError([_slip(error, file)]) from error
    except _Refused as refused:
        raise CatalogError([refused.problem(file)]) from refused


def _content(path: Path, directory: Path) -> bytes:
    if not path.is_file():
        raise _Refused(1, "it is not a file: put a file of YAML here")
    if _leads_out(path, directory):
        raise _Refused(1, "it is a link that leads out of the directory: put a copy here")
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _leads_out(path: Path, directory: Path) -> bool:
    if path.parent == directory and not path.is_symlink():
        return False
    return not path.resolve().is_relative_to(directory.resolve())


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _Refused(1, "it is larger than 1 MB: split it")
    return content.decode("utf-8-sig")


def _events(text: str) -> Iterator[Any]:
    """Read libyaml's events; the loader's own way round costs as much again."""
    return iter(yaml.CSafeLoader(text).get_event, None)


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """Legal YAML that we do not take; its path is put together on the way out."""

    def __init__(self, line: int, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.line, self.message = line, message
        self.path: flaws.Path = path

    def inside(self, name: str | int) -> Self:
        self.path = (name, *self.path)
        return self

    def problem(self, file: str) -> Problem:
        path = self.path if len(self.path) <= DEEPEST else self.path[:5]
        return Problem(file, self.line, path, self.message)


class _Tree:
    """Builds plain data from events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events

    def document(self) -> object:
        event = next(self._events)
        while not isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.StreamEndEvent):
                raise _Refused(1, "it is empty: write something, or remove the file")
            event = next(self._events)
        content = self._value(event, 0)
        next(self._events)  # the end of the document
        if isinstance(second := next(self._events), yaml.DocumentStartEvent):
            raise _Refused(_line(second), "a second document begins: one file is one document")
        return content

    def _value(self, event: Any, depth: int) -> object:
        _check_plain(event, depth)
        kind = type(event)
        if kind is yaml.ScalarEvent:
            return _scalar(event)
        return self._mapping(depth) if kind is yaml.MappingStartEvent else self._sequence(depth)

    def _mapping(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        keys: dict[str, Any] = {}
        while type(event := next(self._events)) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                _check_plain(event, depth)
                raise _Refused(_line(event), "a key must be a word")
            _check_plain(event, depth)
            key = event.value
            if key in found:
                first, shown = _line(keys[key]), spelling.quoted(key)
                message = f"{shown} stands twice (first in line {first}): keep one"
                raise _Refused(_line(event), message)
            keys[key] = event
            try:
                found[key] = self._value(next(self._events), depth + 1)
            except _Refused as refused:
                raise refused.inside(key) from None
        return found

    def _sequence(self, depth: int) -> list[object]:
        found: list[object] = []
        while type(event := next(self._events)) is not yaml.SequenceEndEvent:
            try:
                found.append(self._value(event, depth + 1))
            except _Refused as refused:
                raise refused.inside(len(found)) from None
        return found


class _Lines(Mapping[flaws.Path, int]):
    """The line of everything in a text that could be read; looked for when something is wrong."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getitem__(self, path: flaws.Path) -> int:
        return self._found[path]

    def __iter__(self) -> Iterator[flaws.Path]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[flaws.Path, int]:
        events = (each for each in _events(self._text) if not isinstance(each, _AROUND))
        return dict(_placed(next(events), events, ()))


_AROUND = (yaml.StreamStartEvent, yaml.DocumentStartEvent)


def _placed(
    event: Any, events: Iterator[Any], path: flaws.Path
) -> Iterator[tuple[flaws.Path, int]]:
    """The line of a value, and of what is in it; what has a name stands where its name does."""
    if not path or isinstance(path[-1], int):
        yield path, _line(event)
    if isinstance(event, yaml.MappingStartEvent):
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            yield (*path, key.value), _line(key)
            yield from _placed(next(events), events, (*path, key.value))
    elif isinstance(event, yaml.SequenceStartEvent):
        number = 0
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            yield from _placed(item, events, (*path, number))
            number += 1


def _check_plain(event: Any, depth: int) -> None:
    if type(event) is yaml.AliasEvent or event.anchor is not None:
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
        message = f"{sign}{spelling.quoted(event.anchor)[1:-1]}: aliases are refused, write it out"
        raise _Refused(_line(event), message)
    if event.tag is not None:
        message = f"tag {spelling.quoted(event.tag)} is refused: remove it"
        raise _Refused(_line(event), message)
    if depth > DEEPEST:
        raise _Refused(_line(event), f"it is nested deeper than {DEEPEST} levels")


def _scalar(event: Any) -> object:
    text: str = event.value
    if not event.implicit[0]:
        return text  # it stands in quotes
    if text in _WORDS:
        return _WORDS[text]
    if (number := _NUMBER.fullmatch(text)) is None:
        return text
    if len(text) > 30 or not abs(float(text)) < 2**63:
        raise _Refused(_line(event), f"{spelling.quoted(text)} is too large a number")
    return float(text) if number[2] or number[3] else int(text)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _slip(error: yaml.YAMLError, file: str) -> Problem:
    """Say in our words what libyaml says in its own."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    remedy = next((text for sign, text in _REMEDIES.items() if sign in said), said.splitlines()[0])
    return Problem(file, mark.line + 1 if mark else 1, (), remedy)
