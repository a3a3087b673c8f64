"""Course: the whole of a ledger walked at once, chain and tree, as fast as it can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence

from bot.core.chain import GENESIS, Break, Head, Octets, Row, Strides, Walk
from bot.core.merkle import Frontier
from bot.store.view import COLUMNS

PAGE = 128
"""Rows read at once: more of them fall out of the processor's cache before they are hashed."""
Watch = Callable[[Sequence[Row | Octets]], None]
"""Sees the rows that are sound as they are read."""
ALL = f"select {COLUMNS} from entry where seq > ? order by seq"  # noqa: S608 - constants


class Course:
    """
    One walk over the entries behind `head`; `tree` is the frontier there.

    `roots` are those of the tree at each of the `sizes` that was reached. What is compared is what
    is hashed: octets. Only where they do not fit is a row taken apart, to say why.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        remembered: Head | None = None,
        sizes: Iterable[int] = (),
        head: Head = Head(0, GENESIS),
        tree: Frontier | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.head = head
        self.tree = tree or Frontier()
        self.roots = dict[int, bytes]()
        self._conn = conn
        self._remembered = remembered
        self._watch = watch
        self._sizes = sorted(size for size in set(sizes) if size >= self.tree.size)
        self._due()

    def walk(self) -> Break | None:
        """Go to the end, and say what is wrong first; nobody else uses the connection."""
        try:
            broken = self._stride()
        except sqlite3.Error:
            broken = self._look()
        return broken or Walk(self._remembered, start=self.head).shortfall()

    def _stride(self) -> Break | None:
        """Take many rows at a time, as long as they are sound."""
        self._conn.text_factory = bytes
        try:
            found = self._conn.execute(ALL, [self.head.seq])
            while rows := found.fetchmany(PAGE):
                strides = Strides(self._remembered, self.head)
                hashes = strides.take(rows)
                if self._watch:
                    self._watch(rows[: len(hashes)])
                self._grow(hashes, strides.head)
                if len(hashes) < len(rows):
                    self._conn.text_factory = str
                    if broken := self._look(len(rows) - len(hashes)):
                        return broken
                    self._conn.text_factory = bytes
        finally:
            self._conn.text_factory = str
        return None

    def _look(self, count: int = -1) -> Break | None:
        """Take the next rows one by one, and say which one is wrong if any is."""
        walk, hashes = Walk(self._remembered, start=self.head), list[bytes]()
        broken: Break | None = None
        try:
            for each in self._conn.execute(f"{ALL} limit ?", [self.head.seq, count]):
                row = Row._make(each)
                if broken := walk.fault(row):
                    break
                if self._watch:
                    self._watch((row,))
                hashes.append(bytes.fromhex(row.hash))
        except sqlite3.Error as error:
            broken = Break(walk.head.seq + 1, f"the file cannot be read there: {error}")
        self._grow(hashes, walk.head)
        return broken

    def _grow(self, hashes: Sequence[bytes], head: Head) -> None:
        """Let the tree have what was found sound, and keep its roots where they are asked for."""
        while self._sizes and self._sizes[0] <= head.seq:
            due = self._sizes[0] - self.tree.size
            self.tree.extend(hashes[:due])
            hashes = hashes[due:]
            self._due()
        self.tree.extend(hashes)
        self.head = head

    def _due(self) -> None:
        """Keep the root of the tree as it is now, if it was asked for."""
        while self._sizes and self._sizes[0] == self.tree.size:
            self.roots[self._sizes.pop(0)] = self.tree.root
