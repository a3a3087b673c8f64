"""A contestant's own process: it says one line of JSON, and serves until its owner lets go."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def say(**said: object) -> None:
    """Tell the owner; a server says its port, whoever only loads says what it found."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def until_let_go() -> None:
    """Wait until the owner closes our input, which its death does too."""
    loop = asyncio.get_running_loop()
    let_go = asyncio.Event()

    def heard() -> None:
        if not os.read(0, 1024):
            let_go.set()

    loop.add_reader(0, heard)
    await let_go.wait()
    loop.remove_reader(0)


def main(module: str, told: Mapping[str, Any], core: int | None) -> None:
    """Run `module.main(told)`, on one core only if one is named."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    gc.disable()  # as the product's own command does while it imports
    imported = import_module(module)
    gc.enable()
    asyncio.run(imported.main(told))


if __name__ == "__main__":
    main(sys.argv[1], *json.loads(sys.argv[2]))
