"""
A strict YAML reader: the small, boring part of the language, and nothing that surprises.

Refused are aliases, anchors, tags, duplicate keys, a second document, files over 1 MB, nesting
over 20 levels and symlinks that lead out of the directory. `yes`, `on`, 0777, 12:30 and dates
are texts: only true, false, null and decimal numbers are more than they look. The tree is built
from libyaml's events, so that a hostile file is refused where it begins to be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
        tree = _Tree(yaml.parse(_text(content), Loader=yaml.CSafeLoader))
        return Document(file, tree.document(), tree.lines)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CatalogError([Problem(file, line, (), "it is not UTF-8: save it as such")]) from error
    except yaml.YAMLError as error:
        raise CatalogError([_slip(error, file)]) from error
    except _Refused as refused:
        raise CatalogError([refused.problem(file)]) from refused


def _content(path: Path, directory: Path) -> bytes:
    if not path.is_file():
        raise _Refused(1, (), "it is not a file: put a file of YAML here")
    if not path.resolve().is_relative_to(directory.resolve()):
        raise _Refused(1, (), "it is a link that leads out of the directory: put a copy here")
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _Refused(1, (), "it is larger than 1 MB: split it")
    return content.decode("utf-8-sig")


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """Legal YAML that we do not take."""

    def __init__(self, line: int, path: flaws.Path, message: str) -> None:
        super().__init__(message)
        self.line, self.path, self.message = line, path, message

    def problem(self, file: str) -> Problem:
        return Problem(file, self.line, self.path, self.message)


class _Tree:
    """Builds plain data from events and remembers where each thing stood."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.lines: dict[flaws.Path, int] = {}
        self._events = events

    def document(self) -> object:
        event = next(self._events)
        while not isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.StreamEndEvent):
                raise _Refused(1, (), "it is empty: write something, or remove the file")
            event = next(self._events)
        content = self._value(event, ())
        next(self._events)  # the end of the document
        if isinstance(second := next(self._events), yaml.DocumentStartEvent):
            raise _Refused(_line(second), (), "a second document begins: one file is one document")
        return content

    def _value(self, event: yaml.Event, path: flaws.Path) -> object:
        _check_plain(event, path)
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return self._sequence(path)

    def _mapping(self, path: flaws.Path) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(_line(event), path, "a key must be a word")
            _check_plain(event, path)
            key, inside = event.value, (*path, event.value)
            if key in found:
                first = self.lines[inside]
                shown = spelling.quoted(key)
                message = f"{shown} stands twice (first in line {first}): keep one"
                raise _Refused(_line(event), path, message)
            self.lines[inside] = _line(event)
            found[key] = self._value(next(self._events), inside)
        return found

    def _sequence(self, path: flaws.Path) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found


def _check_plain(event: Any, path: flaws.Path) -> None:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
        message = f"{sign}{spelling.quoted(event.anchor)[1:-1]}: aliases are refused, write it out"
        raise _Refused(line, path, message)
    if event.tag is not None:
        raise _Refused(line, path, f"tag {spelling.quoted(event.tag)} is refused: remove it")
    if len(path) > DEEPEST:
        raise _Refused(line, path[:5], f"it is nested deeper than {DEEPEST} levels")


def _scalar(event: Any, path: flaws.Path) -> object:
    text: str = event.value
    if not event.implicit[0]:
        return text  # it stands in quotes
    if text in _WORDS:
        return _WORDS[text]
    if (number := _NUMBER.fullmatch(text)) is None:
        return text
    if len(text) > 30 or not abs(float(text)) < 2**63:
        raise _Refused(_line(event), path, f"{spelling.quoted(text)} is too large a number")
    return float(text) if number[2] or number[3] else int(text)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _slip(error: yaml.YAMLError, file: str) -> Problem:
    """Say in our words what libyaml says in its own."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    remedy = next((text for sign, text in _REMEDIES.items() if sign in said), said.splitlines()[0])
    return Problem(file, mark.line + 1 if mark else 1, (), remedy)
