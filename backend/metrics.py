"""Metrics for Prometheus: one registry per application."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


class Metrics:
    """Counters that the parts of the back end raise."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.blocks = self._counter("blocks_recorded", "Blocks moved into the store")
        self.rows = self._counter("rows_recorded", "Rows moved into the store")
        self.commits = self._counter("commits_recorded", "Transactions that moved something into the store")
        self.corrupt = self._counter("entries_skipped", "Stream entries that could not be read")
        self.requests = Histogram(
            "rhoscope_http_request_seconds",
            "HTTP requests by method, route and status",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def watch(self, gauges: Callable[[], Mapping[str, tuple[str, Mapping[str, float]]]]) -> None:
        """Ask `gauges` at each scrape: name -> (help, value by label, "" without one)."""
        self.registry.register(_Gauges(gauges))

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, help_: str) -> Counter:
        return Counter(f"rhoscope_{name}", help_, registry=self.registry)


class _Gauges(Collector):
    def __init__(self, gauges: Callable[[], Mapping[str, tuple[str, Mapping[str, float]]]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (help_, values) in self._gauges().items():
            labels = [] if "" in values else ["state" if name == "runs" else "loop"]
            family = GaugeMetricFamily(f"rhoscope_{name}", help_, labels=labels)
            for label, value in values.items():
                family.add_metric([label] if label else [], value)
            yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())
