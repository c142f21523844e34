"""What the explorer sends weighs less than 100,000 bytes, whatever a dump has in it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets import Widget

from gostack_nb import explore, read
from gostack_nb.model.dataset import Dataset
from gostack_nb.widgets.details import MOST_FRAMES, MOST_POINTS
from gostack_nb.widgets.explorer import Explorer
from gostack_nb.widgets.messages import LENGTHS, LISTED_BYTES, fitted, readable, size_of, spread
from gostack_nb.widgets.options import LIMITS
from gostack_nb.widgets.pages import GROUP_COLUMNS, Column, page_of, short_text
from gostack_nb.widgets.static import static_html

BYTES_LIMIT = 100_000

STATES = ("select", "chan receive", "chan send", "IO wait", "sleep")


def block(number: int, kind: int, function: str, path: str, labels: str = "", calls: int = 1) -> str:
    frames = "".join(f"{function}{kind}x{call}(0x1)\n\t{path}{kind}.go:{call + 7} +0x1\n" for call in range(calls))
    creator = f"created by {function}start in goroutine 1\n\t{path}start.go:5 +0x1\n"
    return f"goroutine {number} [{STATES[kind % 5]}, 5 minutes]{labels}:\n{frames}{creator}\n"


def long_labels(kind: int, text: str) -> str:
    return "{" + ", ".join(f'"key{place}{text}": "{kind} {text * 9}"' for place in range(25)) + "}"


def few() -> Dataset:
    return read("".join(block(n + 1, n % 7, "main.f", "/srv/f") for n in range(60)).encode())


def many() -> Dataset:
    return read("".join(block(n + 1, n, f"example.com/srv{n % 40}.f", "/srv/f") for n in range(3000)).encode())


def long() -> Dataset:
    text = "/".join(["a-long-path-of-a-company"] * 16) + ".(*Handler).f"
    labels = "of the request that it serves "
    return read(
        "".join(block(n + 1, n % 200, text, f"/{text}", f" {long_labels(n % 90, labels)}") for n in range(600)).encode()
    )


def deep() -> Dataset:
    name = "example.com/" + "deep" * 90 + ".f"
    return read("".join(block(n + 1, n, name, f"/{name}", calls=100) for n in range(40)).encode())


def not_latin() -> Dataset:
    text, labels = "日本語関数" * 70, "\U0001f600\u202e\x01" * 60
    return read(
        "".join(block(n + 1, n, f"main.{text}", f"/{text}", f" {long_labels(n, labels)}") for n in range(100)).encode()
    )


def recording(folder: Path) -> Dataset:
    """Return 150 snapshots of 30 processes, whose names are long."""
    start = datetime(2026, 11, 23, tzinfo=UTC)
    for number in range(150):
        dump = "".join(block(n + 1, n % 7, "main.f", "/srv/f") for n in range(number % 9 + 1))
        (folder / f"{start + timedelta(minutes=number):%Y%m%dT%H%M%SZ}.txt").write_text(dump)
    dataset = read(folder)
    services = [f"{number % 30} " + "of a long name " * 20 for number in range(150)]
    return replace(dataset, snapshots=dataset.snapshots.assign(service=pd.Categorical(services)))


MAKERS: dict[str, Callable[[], Dataset]] = {
    "few": few,
    "many": many,
    "long": long,
    "deep": deep,
    "not latin": not_latin,
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return recording(tmp_path_factory.mktemp("dumps"))


@pytest.fixture(params=[*MAKERS, "recording"])
def dataset(request: pytest.FixtureRequest, recorded: Dataset) -> Dataset:
    maker = MAKERS.get(request.param)
    return maker() if maker else recorded


class Wire:
    """Stands for the browser: adds up what the kernel sends, and reads it as JupyterLab does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent = 0
        self.answers: list[dict[str, Any]] = []
        monkeypatch.setattr(Widget, "_send", lambda _, message, **buffers: self._take(message, **buffers))

    def _take(self, message: dict[str, Any], **_: object) -> None:
        self.sent += len(json.dumps(message, ensure_ascii=False).encode())
        if message["method"] == "custom":
            self.answers.append(message["content"])

    def after(self, action: Callable[[], object]) -> int:
        """Return how many bytes an action sends."""
        self.sent = 0
        action()
        return self.sent


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


def first_sight(explorer: Explorer) -> int:
    """Return what makes the widget in the browser: its script, its style, its state; and the table beside it."""
    return size_of(explorer.get_state()) + size_of(static_html(explorer._view)) + size_of(repr(explorer))


STEPS = (
    ("query", "wait>=1"),
    ("function", "x"),
    ("function", ""),
    ("query", ""),
    *(
        ("group_by", way)
        for way in ("stack", "signature", "line", "creator", "state", "goroutine", "label:key1", "group")
    ),
    ("sort", "state"),
    ("page", 99_999),
    ("page", 0),
    ("opened", 0),
    ("member", 0),
    ("members_page", 1),
    ("opened", None),
    ("group_by", "goroutine"),
    ("opened", 0),
    ("shown", "flame"),
    ("state", "select"),
    ("group_by", "line"),
    ("shown", "sides"),
    ("group_by", "stack"),
    ("after", ""),
)


def test_every_step_sends_less_than_the_limit(dataset: Dataset, wire: Wire) -> None:
    explorer = explore(dataset)
    assert first_sight(explorer) < BYTES_LIMIT
    assert all(size_of(explorer.options[name]) < limit + 1000 for name, limit in LIMITS.items())
    snapshots = len(explorer.options["snapshot"]) - len(("latest", "first"))
    assert snapshots + explorer.options["left_out"]["snapshot"] == len(dataset.snapshots)
    for step in STEPS:
        assert wire.after(lambda step=step: explorer.set_trait(*step)) < BYTES_LIMIT, step


def test_a_thinned_list_of_snapshots_keeps_both_ends(recorded: Dataset) -> None:
    explorer = explore(recorded)
    names = recorded.snapshots["snapshot_id"].tolist()
    assert (explorer.before, explorer.after) == (names[0], names[-1])
    assert set(explorer.options["side"]) <= {value for value, _ in explorer.options["snapshot"]}
    assert explorer.options["left_out"]["snapshot"] > 90


def test_what_is_shortened_is_fetched_whole_on_a_click(wire: Wire) -> None:
    explorer = explore(deep())
    explorer.opened = 0
    frames = [frame for fold in explorer.detail["folds"] for frame in fold["frames"]]
    assert len(frames) == 101
    assert frames[3]["cut"]
    whole = explorer._view.dataset.stacks["function"].astype("str")
    explorer._on_message(None, {"what": "frame", "which": 3}, [])
    assert wire.answers[-1]["text"].startswith("example.com/deepdeep")
    assert wire.answers[-1]["text"].split("\n")[0] in set(whole)
    explorer.shown = "flame"
    name = explorer.boxes["names"][explorer.boxes["name"][5]]
    assert name.endswith("…")
    explorer._on_message(None, {"what": "box", "which": 5}, [])
    assert wire.answers[-1]["text"] in set(whole)
    assert explorer.boxes["shortened"] > 0
    assert explorer.boxes["left_out"] > 0


def test_long_labels_are_told_in_the_open_row(wire: Wire) -> None:
    dataset = long()
    explorer = explore(dataset, group_by="goroutine")
    explorer.opened = 3
    [name] = explorer.detail["names"]
    assert name["column"] == "labels"
    assert name["cut"]
    explorer._on_message(None, {"what": "cell", "which": "labels"}, [])
    assert wire.answers == [{"what": "cell", "which": "labels", "text": explorer.table()["labels"].iloc[3]}]


def test_a_wrong_question_is_said(wire: Wire) -> None:
    explorer = explore(few())
    explorer.opened = 0
    explorer._on_message(None, {"what": "frame", "which": 99}, [])
    assert "IndexError" in explorer.problem
    explorer._on_message(None, "?", [])
    assert wire.answers == []


def test_many_processes_and_points_are_thinned_but_not_the_peak(recorded: Dataset) -> None:
    explorer = explore(recorded, query="")
    explorer.opened = 0
    courses = explorer.detail["courses"]
    assert len(courses) + explorer.detail["courses_left_out"] == 30
    assert sum(len(course["points"]) for course in courses) <= MOST_POINTS + len(courses)
    flat = replace(recorded, snapshots=recorded.snapshots.assign(service=pd.Categorical(["one"] * 150)))
    alone = explore(flat, query="")
    alone.opened = 0
    [course] = alone.detail["courses"]
    assert course["snapshots"] == 150
    assert max(point["count"] for point in course["points"]) == 2
    assert len(course["points"]) <= MOST_POINTS + 1


def test_a_stack_deeper_than_is_sent_says_so() -> None:
    explorer = explore(read(block(1, 0, "main.f", "/a", calls=MOST_FRAMES + 20).encode()))
    explorer.opened = 0
    assert explorer.detail["frames_left_out"] == 21


def test_a_long_text_is_cut_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(block(1, 0, "main.f", "/a", f" {long_labels(0, 'x' * 900)}"))
    explorer = explore(read(tmp_path / "a.txt"))
    explorer.opened = 0
    explorer.member = 0
    assert size_of(explorer.text) <= 41_000
    assert "more characters, not sent to the browser" in explorer.text


@given(st.text(max_size=3), st.sampled_from(LENGTHS))
def test_a_text_is_never_longer_than_asked(text: str, longest: int) -> None:
    for kind in ("text", "path", "function"):
        assert len(short_text(text * 400, kind, longest)) <= longest  # type: ignore[arg-type]


@settings(deadline=None, max_examples=15)
@given(st.text(st.characters(), min_size=1, max_size=4))
def test_a_page_of_anything_is_small_and_can_be_sent(text: str) -> None:
    texts = {column.name: [text * 120] * 30 for column in GROUP_COLUMNS if column.kind != "share"}
    table = pd.DataFrame(texts, dtype=object)  # pandas' own text holds no half of a surrogate pair
    columns = tuple(Column(column.name, column.title) for column in GROUP_COLUMNS)
    page = page_of(table, columns, 0)
    json.dumps(page, ensure_ascii=False).encode()
    assert size_of(page) <= LISTED_BYTES


@given(st.text(st.characters(), max_size=20))
def test_what_is_readable_is_sent_as_it_is(text: str) -> None:
    shown = readable(text)
    assert shown.encode().decode() == readable(shown)


def test_the_first_size_that_fits_is_taken() -> None:
    tried: list[int] = []
    assert fitted(lambda size: tried.append(size) or "x" * size, 12, (30, 10, 5)) == "x" * 10  # type: ignore[func-returns-value]
    assert tried == [30, 10]
    assert fitted(lambda size: "x" * size, 1, (30, 10)) == "x" * 10


@pytest.mark.parametrize(
    ("items", "most", "kept"), [("abc", 3, "abc"), ("abcde", 3, "ace"), ("abcd", 2, "ad"), ("", 2, "")]
)
def test_spread_keeps_the_ends(items: str, most: int, kept: str) -> None:
    assert "".join(spread(items, most)) == kept
