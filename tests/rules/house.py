"""What the rules look at: every module of bot/ with its syntax, and every text that is tracked."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SUFFIXES = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".json", ".html", ".css", ".js"}
NAMES = {"Procfile", "LICENSE", "run", ".gitignore"}
OPEN_DOTS = {".ci", ".github"}
BUILT = {"build", "dist", "htmlcov", "var", "node_modules"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """One file of bot/: `place` is its path from the root, as failures should name it."""

    place: str
    name: str
    text: str
    tree: ast.Module

    @property
    def headline(self) -> str:
        """The first line of its docstring."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of bot/, in order."""
    return tuple(_module(path) for path in sorted((ROOT / "bot").rglob("*.py")))


def module(name: str) -> Module:
    """One module or package by its dotted name."""
    return next(one for one in modules() if one.name == name)


def _module(path: Path) -> Module:
    place = path.relative_to(ROOT)
    parts = place.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Module(place.as_posix(), name, text, ast.parse(text, place.as_posix()))


@cache
def texts() -> tuple[Path, ...]:
    """Every text that a clone holds: what tools and people leave behind is not looked at."""
    return tuple(sorted(_below(ROOT)))


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            hidden = path.name.startswith(".") and path.name not in OPEN_DOTS
            built = path.name in BUILT or path.name == "__pycache__" or path.suffix == ".egg-info"
            if not (hidden or built):
                yield from _below(path)
        elif path.suffix in SUFFIXES or path.name in NAMES:
            yield path


@cache
def project() -> dict[str, object]:
    """The tables of pyproject.toml under `tool`."""
    found: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    return found


def pages() -> tuple[Path, ...]:
    """Every page of prose."""
    return tuple(path for path in texts() if path.suffix == ".md")


def place(path: Path) -> str:
    """A path as failures should name it."""
    return path.relative_to(ROOT).as_posix()
