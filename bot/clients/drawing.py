"""Drawing: a graph becomes a picture in a process of its own, which is bounded and then gone."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import tempfile
from pathlib import Path

from pydantic import Field

from bot.clients import commands
from bot.core.errors import PermanentError, TemporaryError
from bot.core.exhibit import LARGEST
from bot.core.graph import Graph
from bot.core.values import Frozen


class EvidenceSettings(Frozen):
    """What is kept to be looked at: `HEAL_EVIDENCE_…`."""

    graphs: bool = Field(
        default=True,
        description="whether the signals of a run are drawn when it has ended, in a process of "
        "its own that takes a second and 100 MB; wants the extra `graphs`",
    )


WITHIN = 60.0
"""Seconds: the first time matplotlib looks at all fonts of the machine."""
MISSING = "the package for graphs is not installed: pip install 'heal-bot[graphs]'"
ALONE = ("env", "OPENBLAS_NUM_THREADS=1", "MPLBACKEND=Agg")
NOT_INSTALLED = 3


class Drawing:
    """One picture at a time; `run` shows the child no secret of ours, for it sees PATH and HOME."""

    def __init__(self, run: commands.Run, python: str = sys.executable) -> None:
        self._run = run
        self._python = python
        self._turn = asyncio.Lock()

    async def draw(self, graph: Graph) -> bytes:
        """Draw it as a PNG; PermanentError or TemporaryError says why there is none."""
        if not installed():
            raise PermanentError(MISSING)
        async with self._turn:
            try:
                with tempfile.TemporaryDirectory(prefix="heal-graph-") as folder:
                    return await self._drawn(graph, Path(folder))
            except OSError as error:
                raise TemporaryError(f"it was not drawn: {error}") from error

    async def _drawn(self, graph: Graph, folder: Path) -> bytes:
        told, picture = folder / "graph.json", folder / "graph.png"
        _write(told, graph.model_dump_json())
        argv = (*ALONE, self._python, "-m", "bot.drawing", str(told), str(picture))
        ended = await self._run(*argv, within=WITHIN)
        if ended.code == NOT_INSTALLED:
            raise PermanentError(MISSING)
        if ended.code:
            said = (ended.err.strip().splitlines() or ["it said nothing"])[-1]
            raise TemporaryError(f"it was not drawn ({ended.code}): {said[:200]}")
        return _read(picture)


def installed() -> bool:
    """Whether graphs can be drawn; looked at without loading what draws them."""
    return importlib.util.find_spec("matplotlib") is not None


def _write(file: Path, text: str) -> None:
    """A few kilobytes, in the memory of this machine."""
    file.write_text(text)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)
