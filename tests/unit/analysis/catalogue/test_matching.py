"""Which entry of several that fit is chosen, counted by hand."""

import re

import numpy as np
import pandas as pd
import pytest

from gostack_nb.analysis.catalogue.entries import Catalogue, Entry, Rule
from gostack_nb.analysis.catalogue.frames import literal_start
from gostack_nb.analysis.catalogue.functions import comparable_function
from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.matching import match_patterns, match_stacks, seen_states
from gostack_nb.errors import MissingColumnError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def entry(name: str, *rules: Rule, precedence: int = 10, origin: str = "a.toml") -> Entry:
    return Entry(name, "title", "meaning", matches=rules, precedence=precedence, origin=origin)


def stacks(**frames: str) -> pd.DataFrame:
    """Build a `stacks` table: `a="leaf < caller | creator"`."""
    rows = [
        (name, number, function.strip(), "x.go", number, is_creator)
        for name, text in frames.items()
        for number, (function, is_creator) in enumerate(_frames(text))
    ]
    columns = ["stack_id", "frame_index", "function", "file", "line", "is_creator"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"stack_id": "category", "function": "category", "file": "category", "is_creator": "boolean"})


def _frames(text: str) -> list[tuple[str, bool]]:
    calls, _, creator = text.partition("|")
    return [(name, False) for name in calls.split("<")] + ([(creator, True)] if creator else [])


def seen(*pairs: tuple[str, str | None], wakes: list[bool | None] | None = None) -> pd.DataFrame:
    table = pd.DataFrame(list(pairs), columns=["stack_id", "state"]).astype("category")
    return table if wakes is None else table.assign(wakes=pd.array(wakes, dtype="boolean"))


def chosen(table: pd.DataFrame, states: pd.DataFrame, *entries: Entry) -> list[str | None]:
    found = match_stacks(table, states, Catalogue(entries))["pattern"]
    return [name if isinstance(name, str) else None for name in found]


STACK = stacks(s="a.leaf < b.Middle < c.root | d.creator")
RULES = {
    "leaf": (Rule(leaf=pattern(r"a\.leaf")), True),
    "leaf elsewhere": (Rule(leaf=pattern(r"b\.Middle")), False),
    "whole names only": (Rule(leaf=pattern(r"a\.lea")), False),
    "root": (Rule(root=pattern(r"c\.root")), True),
    "root elsewhere": (Rule(root=pattern(r"d\.creator")), False),
    "anywhere": (Rule(anywhere=(pattern(r"b\..*"), pattern(r"a\.leaf"))), True),
    "one is missing": (Rule(anywhere=(pattern(r"b\..*"), pattern(r"z\.leaf"))), False),
    "a creator is no frame": (Rule(anywhere=(pattern(r"d\.creator"),)), False),
    "consecutive": (Rule(consecutive=(pattern(r"b\.Middle"), pattern(r"c\.root"))), True),
    "not consecutive": (Rule(consecutive=(pattern(r"a\.leaf"), pattern(r"c\.root"))), False),
    "the other way round": (Rule(consecutive=(pattern(r"c\.root"), pattern(r"b\.Middle"))), False),
    "without": (Rule(leaf=pattern("a.*"), without=(pattern(r"z\.z"),)), True),
    "with what is excluded": (Rule(leaf=pattern("a.*"), without=(pattern(r"c\.root"),)), False),
    "created by": (Rule(leaf=pattern("a.*"), created_by=pattern(r"d\..*")), True),
    "created by another": (Rule(leaf=pattern("a.*"), created_by=pattern(r"e\..*")), False),
    "short enough": (Rule(leaf=pattern("a.*"), most_frames=3), True),
    "too long": (Rule(leaf=pattern("a.*"), most_frames=2), False),
    "state": (Rule(states=frozenset({"select", "sleep"})), True),
    "another state": (Rule(leaf=pattern("a.*"), states=frozenset({"chan receive"})), False),
    "states are whole words": (Rule(states=frozenset({"sel"})), False),
    "wakes": (Rule(states=frozenset({"select"}), wakes=True), False),
}


@pytest.mark.parametrize(("rule", "fits"), RULES.values(), ids=RULES)
def test_conditions(rule: Rule, *, fits: bool) -> None:
    assert chosen(STACK, seen(("s", "select")), entry("x", rule)) == (["x"] if fits else [None])


ANY = Rule(states=frozenset({"select"}))
LEAF = Rule(leaf=pattern(r"a\.leaf"), states=frozenset({"select"}))
MIDDLE = Rule(anywhere=(pattern(r"b\.Middle"),), states=frozenset({"select"}))
BOTH = Rule(anywhere=(pattern(r"b\.Middle"), pattern(r"c\.root")), states=frozenset({"select"}))
PRECEDENCE = {
    "the higher number": (entry("low", LEAF), entry("high", MIDDLE, precedence=11)),
    "the frame nearer to the leaf": (entry("far", MIDDLE), entry("near", LEAF)),
    "more conditions": (entry("one", MIDDLE), entry("two", BOTH)),
    "the later file": (entry("early", LEAF), entry("late", LEAF, origin="b.toml")),
    "else the first in the file": (entry("second", LEAF, precedence=9), entry("first", LEAF)),
}


@pytest.mark.parametrize("entries", PRECEDENCE.values(), ids=PRECEDENCE)
def test_precedence(entries: tuple[Entry, ...]) -> None:
    assert chosen(STACK, seen(("s", "select")), *entries) == [entries[-1].id]


def test_of_equal_entries_the_first_is_taken() -> None:
    assert chosen(STACK, seen(("s", "select")), entry("one", LEAF), entry("two", LEAF)) == ["one"]


def test_an_entry_fits_by_any_of_its_matches() -> None:
    assert chosen(STACK, seen(("s", "select")), entry("x", Rule(leaf=pattern("z")), LEAF)) == ["x"]


def test_an_unknown_state_makes_a_weaker_match() -> None:
    family = Rule(leaf=pattern(".*"), states=LEAF.states, needs_state=True)
    entries = (
        entry("only-state", ANY, precedence=99),
        entry("family", family, precedence=98),
        entry("frames", LEAF),
        entry("no-state", RULES["anywhere"][0]),
    )
    found = match_stacks(STACK, seen(("s", None), ("s", "sleep"), ("s", "select")), Catalogue(entries))
    assert found["pattern"].tolist() == ["no-state", "no-state", "only-state"]
    assert found["state_checked"].tolist() == [True, True, True]
    weaker = match_stacks(STACK, seen(("s", None)), Catalogue(entries[:3])).iloc[0]
    assert (weaker["pattern"], bool(weaker["state_checked"])) == ("frames", False)


def test_wakes_only_where_it_is_known() -> None:
    waking = Rule(states=frozenset({"select"}), wakes=True)
    states = seen(("s", "select"), ("s", "select"), ("s", "select"), wakes=[True, False, None])
    assert chosen(STACK, states, entry("x", waking)) == ["x", None, None]
    assert chosen(STACK, states.drop(columns="wakes"), entry("x", waking)) == [None] * 3


def test_the_result_has_the_rows_of_the_question() -> None:
    table = stacks(s="a.leaf < b.Middle", t="b.Middle < a.leaf")
    question = seen(("t", "select"), ("gone", "select"), ("s", "select")).set_axis([7, 3, 5])
    before = question.copy(deep=True)
    found = match_stacks(table, question, Catalogue((entry("x", MIDDLE), entry("y", LEAF))))
    assert found.index.tolist() == [7, 3, 5]
    assert found["stack_id"].tolist() == ["t", "gone", "s"]
    assert found["pattern"].astype("object").fillna("-").tolist() == ["x", "-", "y"]
    assert found["frame_index"].fillna(-1).tolist() == [0, -1, 0]
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == {
        "stack_id": "category",
        "state": "category",
        "pattern": "category",
        "state_checked": "boolean",
        "frame_index": "Int32",
    }
    pd.testing.assert_frame_equal(question, before)


def test_the_order_of_the_frames_table_does_not_matter() -> None:
    table = stacks(s="a.leaf < b.Middle < c.root | d.x", t="b.Middle < a.leaf")
    question = seen(("s", "select"), ("t", "select"))
    entries = (entry("x", MIDDLE), entry("y", LEAF), entry("z", RULES["consecutive"][0], precedence=20))
    shuffled = table.sample(frac=1, random_state=3)
    assert chosen(shuffled, question, *entries) == chosen(table, question, *entries) == ["z", "x"]


@pytest.mark.parametrize("empty", [seen(), seen(("s", "select"))], ids=["no question", "no stacks"])
def test_empty_tables(empty: pd.DataFrame) -> None:
    found = match_stacks(STACK.iloc[:0], empty, load_catalogue())
    assert found["pattern"].isna().all()
    assert len(found) == len(empty)
    assert match_stacks(STACK, empty, Catalogue(()))["pattern"].isna().all()


def test_missing_columns_are_named() -> None:
    with pytest.raises(MissingColumnError, match="stacks lacks file, line"):
        match_stacks(STACK.drop(columns=["file", "line"]), seen(), load_catalogue())
    with pytest.raises(MissingColumnError, match="states lacks state"):
        match_stacks(STACK, seen().drop(columns="state"), load_catalogue())
    with pytest.raises(MissingColumnError, match="lacks snapshot_id"):
        seen_states(pd.DataFrame({"state": [], "top_frames": []}))


# What the frames are


FRAMES = {
    "runtime frames on top": ("runtime.gopark < runtime.chanrecv < a.leaf < runtime.goexit", r"a\.leaf"),
    "wrappers": ("a.leaf < main.main.gowrap1 | main.main", r"a\.leaf"),
    "main": ("runtime.gopark < a.leaf < main.main < runtime.main", r"main\.main"),
    "the runtime's own": ("runtime.gopark < runtime.bgsweep < runtime.goexit", r"runtime\.bgsweep"),
    "runtime in the middle": ("a.leaf < panic < runtime.sigpanic < b.root", r"b\.root"),
}


@pytest.mark.parametrize(("text", "root"), FRAMES.values(), ids=FRAMES)
def test_frames_that_every_form_prints(text: str, root: str) -> None:
    assert chosen(stacks(s=text), seen(("s", None)), entry("x", Rule(root=pattern(root)))) == ["x"]


def old_go(wrapper_line: int) -> pd.DataFrame:
    """Build `go f(x)` as go1.21 prints it after a signal: its wrapper has a closure's name and the line of the go."""
    table = stacks(s="a.leaf < a.start.func6 | a.start")
    return table.assign(line=[3, wrapper_line, 40])


def test_wrappers_of_old_versions_are_dropped() -> None:
    rule = entry("x", Rule(root=pattern(r"a\.leaf")))
    assert chosen(old_go(40), seen(("s", None)), rule) == ["x"]
    assert chosen(old_go(41), seen(("s", None)), rule) == [None], "a closure that calls it"
    alone = stacks(s="a.start.func6 | a.start").assign(line=[40, 40])
    assert chosen(alone, seen(("s", None)), entry("x", Rule(leaf=pattern(r"a\.start\.func")))) == ["x"]


NAMES = {
    "net/http.(*Transport).dialConn.func6": "net/http.(*Transport).dialConn.func",
    "vendor/golang.org/x/net/http2.(*Framer).ReadFrame": "golang.org/x/net/http2.(*Framer).ReadFrame",
    "k8s.io/kubernetes/vendor/k8s.io/klog/v2.(*flushDaemon).run.func1": "k8s.io/klog.(*flushDaemon).run.func",
    "github.com/jackc/pgx/v5/pgxpool.(*Pool).Close": "github.com/jackc/pgx/pgxpool.(*Pool).Close",
    "gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun": "gopkg.in/natefinch/lumberjack.(*Logger).millRun",
    "github.com/nats-io/nats%2ego.(*Conn).readLoop": "github.com/nats-io/nats.go.(*Conn).readLoop",
    "go.etcd.io/etcd/client/v3.(*lessor).KeepAlive": "go.etcd.io/etcd/client.(*lessor).KeepAlive",
    "main.(*Cache[go.shape.string,main.T[int]]).Run": "main.(*Cache).Run",
    "example.com/v2ray/core.Run": "example.com/v2ray/core.Run",
    "main.main": "main.main",
}


@pytest.mark.parametrize(("printed", "comparable"), NAMES.items())
def test_names_without_what_differs(printed: str, comparable: str) -> None:
    assert comparable_function(printed) == comparable


STARTS = {
    r"net/http\.\(\*conn\)\.serve": "net/http.(*conn).serve",
    r"net/http\.(a|b)": "net/http.",
    r"a\.b|c\.d": "",
    r"(a|b)\.c": "",
    r".*\.func": "",
    r"main\.x?y": "main.",
    r"main\.\(*y": "main.",
    r"ab*c": "a",
    r"ab+c": "ab",
    r"a\.\d+": "a.",
    r"k8s\.io/x\.[ab]": "k8s.io/x.",
}


@pytest.mark.parametrize(("text", "start"), STARTS.items())
def test_literal_starts(text: str, start: str) -> None:
    assert literal_start(text) == start


def test_literal_starts_lose_no_match() -> None:
    """A pattern is tried only on names that begin like it: the same names fit as if it were tried on all."""
    names = sorted(
        {comparable_function(name) for one in load_catalogue() for case in one.examples for name in case.frames}
    )
    for one in load_catalogue():
        for rule in one.matches:
            patterns = [p for p in (rule.leaf, rule.root, *rule.anywhere, *rule.consecutive, *rule.without) if p]
            for each in patterns:
                start = literal_start(each.pattern)
                assert all(name.startswith(start) for name in names if each.fullmatch(name)), each.pattern


# Datasets


HELD = b"""goroutine 7 [select, 3 minutes]:
net/http.(*persistConn).readLoop(0xc0001)
\t/usr/local/go/src/net/http/transport.go:2325 +0x1
created by net/http.(*Transport).dialConn in goroutine 5
\t/usr/local/go/src/net/http/transport.go:1874 +0x2

goroutine 9 [select (durable)]:
net/http.(*persistConn).readLoop(0xc0001)
\t/usr/local/go/src/net/http/transport.go:2325 +0x1
created by net/http.(*Transport).dialConn in goroutine 5
\t/usr/local/go/src/net/http/transport.go:1874 +0x2

goroutine 11 [semacquire, 9 minutes]:
sync.runtime_Semacquire(0xc0002)
\t/usr/local/go/src/runtime/sema.go:62 +0x25
sync.(*WaitGroup).Wait(0xc0003)
\t/usr/local/go/src/sync/waitgroup.go:116 +0x48
main.crawl()
\t/srv/main.go:9 +0x48
"""


def test_a_dataset_is_matched_by_normalized_states() -> None:
    dataset = read(HELD)
    found = match_patterns(dataset)
    assert sorted(zip(found["state"], found["pattern"], strict=True)) == [
        ("select", "http-client-body-open"),
        ("sync.WaitGroup.Wait", "waitgroup-wait"),
    ]


def waking_dump(*headers: tuple[int, str, str]) -> Dataset:
    text = "\n".join(
        f"goroutine {number} [{header}]:\n{function}()\n\t/srv/main.go:9 +0x1\n" for number, header, function in headers
    )
    return read(text.encode())


WAKING = {
    "older than a long wait, and fresh": ((5, "select", "main.tick"), True),
    "a minute is fresh": ((5, "select, 1 minutes", "main.tick"), True),
    "it waits itself": ((5, "select, 6 minutes", "main.tick"), False),
    "younger": ((50, "select", "main.tick"), None),
    "marked as leaked, which hides the minutes": ((5, "select (leaked)", "main.tick"), None),
}


@pytest.mark.parametrize(("header", "wakes"), WAKING.values(), ids=WAKING)
def test_waking_is_told_from_ids_and_waits(header: tuple[int, str, str], *, wakes: bool | None) -> None:
    states = seen_states(waking_dump(header, (20, "chan receive, 4 minutes", "main.wait")).goroutines)
    told = states.set_index("state")["wakes"]["select"]
    assert (None if pd.isna(told) else bool(told)) is wakes


def test_waking_needs_a_long_wait_and_most_of_the_old() -> None:
    short = waking_dump((5, "select", "main.tick"), (20, "chan receive, 3 minutes", "main.wait"))
    assert seen_states(short.goroutines)["wakes"].isna().all()
    mixed = [(number, "select" if number % 2 else "select, 9 minutes", "main.tick") for number in range(1, 11)]
    states = seen_states(waking_dump(*mixed, (20, "chan receive, 4 minutes", "main.wait")).goroutines)
    assert not states.set_index("state")["wakes"]["select"]


def test_speed_grows_with_names_and_not_with_frames() -> None:
    """75,000 stacks take about a second; here a tenth, and only that the answer stays right."""
    count = 7500
    table = stacks(s="a.leaf < b.Middle < c.root | d.creator")
    many = pd.concat([table] * count, ignore_index=True)
    many["stack_id"] = pd.Categorical(np.repeat(np.arange(count).astype(str), len(table)))
    question = pd.DataFrame({"stack_id": many["stack_id"].cat.categories, "state": "select"}).astype("category")
    assert set(chosen(many, question, entry("x", MIDDLE), entry("y", LEAF))) == {"y"}
