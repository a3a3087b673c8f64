"""The engine's own house, and a real Prometheus, for the faults that need no process of the bot."""

from tests.engine.conftest import house, path
from tests.probes.prometheus.test_query import prometheus

__all__ = ["house", "path", "prometheus"]
