"""What is kept: the ledger, the inbox and the outbox, in one SQLite file with one writer."""

import sys

sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
import sqlite_utils  # noqa: E402, F401 - it loads numpy wherever it is, for 20 MB and no use of ours

if sys.modules["numpy"] is None:
    del sys.modules["numpy"]
