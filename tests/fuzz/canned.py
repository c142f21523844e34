"""Servers of metrics, profiles and logs that answer whatever is given them: no network."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from unittest.mock import patch

from gostack_nb.errors import GostackError
from gostack_nb.reading.loki import Loki
from gostack_nb.reading.profilers import ContinuousProfiler, Parca, Pyroscope
from gostack_nb.reading.prometheus import Prometheus
from gostack_nb.sources import json_api, prometheus_api
from gostack_nb.sources.http_answer import Answer

NEXT_ANSWER = b"\n--next--\n"
"""Between the answers to different questions; the last one is that to all later ones."""

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
SINCE, UNTIL = "2026-03-01T08:00:00Z", "2026-03-01T10:00:00Z"
MOST_QUESTIONS = 40
"""After so many the server is gone: bytes can ask for page after page, or for one half after the other."""


class _Server:
    """Gives the first answer to the first path that is asked, the second one to the second path."""

    def __init__(self, data: bytes) -> None:
        self._answers = data.split(NEXT_ANSWER)
        self._paths: dict[str, int] = {}
        self._asked = 0

    def __call__(self, url: str, **_: object) -> Answer:
        self._asked += 1
        if self._asked > MOST_QUESTIONS:
            raise _GoneError
        number = self._paths.setdefault(url.partition("?")[0], len(self._paths))
        return answer(self._answers[min(number, len(self._answers) - 1)])


class _GoneError(GostackError):
    """Enough was asked."""


def answer(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return what a server sent."""
    return Answer("http://127.0.0.1:9", status, "OK", headers or {}, body, None, AT, AT)


@contextmanager
def answering(data: bytes) -> Iterator[None]:
    """Let every server that is asked give these answers."""
    server = _Server(data)
    with patch.object(json_api, "ask", server), patch.object(prometheus_api, "ask", server):
        yield


def ask_prometheus(data: bytes) -> None:
    """Ask Prometheus for values, samples, metrics and targets."""
    server = Prometheus("http://127.0.0.1:9090")
    _ask(data, lambda: server.range("go_goroutines", SINCE, UNTIL))
    _ask(data, lambda: server.samples("go_goroutines", SINCE, UNTIL))
    _ask(data, lambda: server.metrics(SINCE, UNTIL))
    _ask(data, server.targets)
    _ask(data, lambda: server.targets(template="http://{pod}:6060{path}", address_label="__address__"))


def ask_loki(data: bytes) -> None:
    """Read a log."""
    _ask(data, lambda: Loki("http://127.0.0.1:3100").read('{app="push"}', since=SINCE, until=UNTIL))


def ask_pyroscope(data: bytes) -> None:
    """List and read the profiles of Pyroscope."""
    _ask_profiler(data, Pyroscope("http://127.0.0.1:4040"))


def ask_parca(data: bytes) -> None:
    """List and read the profiles of Parca."""
    _ask_profiler(data, Parca("http://127.0.0.1:7070"))


def _ask_profiler(data: bytes, server: ContinuousProfiler) -> None:
    _ask(data, lambda: server.series(since=SINCE, until=UNTIL))
    _ask(data, lambda: server.scrapes(since=SINCE, until=UNTIL))
    _ask(data, lambda: server.read(at=AT))
    _ask(data, lambda: server.read(since=SINCE, until=UNTIL))


def _ask(data: bytes, question: Callable[[], object]) -> None:
    with answering(data), suppress(GostackError):
        question()
