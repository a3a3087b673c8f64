"""On demand: a mapping that knows its names, and finds a value when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class OnDemand(Mapping[str, T]):
    """
    The values of these names.

    >>> found = OnDemand(["one", "three"], len)
    >>> list(found), found["three"], "two" in found
    (['one', 'three'], 5, False)
    """

    def __init__(self, names: Sequence[str], find: Callable[[str], T]) -> None:
        self._names = names
        self._find = find
        self._found: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._found:
            if name not in self._names:
                raise KeyError(name)
            self._found[name] = self._find(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
