"""Generated tracebacks: the same bytes for the same seed, and dumps in which the library finds what was announced."""

import io
import re

import numpy as np
import pytest

import gostack_nb as gs
from benchmarks.corpus_stacks import TEXTS, read_block, real_shapes, take_shapes
from benchmarks.random_numbers import Numbers, values_like
from benchmarks.traceback_text import TracebackText, Written

SIZE = 300_000


def printed(
    seed: int = 1, size: int = SIZE, stacks: int | None = 400, labelled: int = 2, *, signal: bool = False
) -> tuple[bytes, Written]:
    file = io.BytesIO()
    written = TracebackText(seed, stacks=stacks, labelled=labelled, signal=signal).write(file, size)
    return file.getvalue(), written


def test_same_seed_same_bytes() -> None:
    assert printed(seed=1)[0] == printed(seed=1)[0]


def test_other_seed_other_bytes() -> None:
    assert printed(seed=1)[0] != printed(seed=2)[0]


def test_the_bytes_are_those_of_every_machine() -> None:
    """A change here is a change of all figures: say so in the changelog."""
    assert Numbers(27).below(1000, 4).tolist() == [984, 280, 475, 102]
    assert Numbers(27).below(1 << 40, 2).tolist() == [682215538856, 369934743200]


def test_more_bytes_begin_with_the_same_goroutines() -> None:
    short, long = printed(size=SIZE)[0], printed(size=2 * SIZE)[0]
    assert long.startswith(short)


@pytest.mark.parametrize("size", [1, SIZE, 6_000_000])
def test_a_dump_ends_behind_the_goroutine_that_reaches_the_size(size: int) -> None:
    text, written = printed(size=size)
    assert written.size_bytes == len(text)
    assert size <= len(text) < size + 10_000
    assert text.endswith(b"\n")
    assert not text.endswith(b"\n\n")


@pytest.mark.parametrize(("stacks", "signal"), [(400, False), (20, False), (None, False), (400, True), (None, True)])
def test_the_library_finds_what_was_announced(stacks: int | None, signal: bool) -> None:
    text, written = printed(stacks=stacks, signal=signal)
    dataset = gs.read(text)
    goroutines = dataset.goroutines
    assert dataset.issues.empty
    assert len(goroutines) == written.goroutines == len(re.findall(rb"^goroutine \d+ ", text, re.MULTILINE))
    assert goroutines["stack_id"].nunique() == written.stacks
    assert goroutines["labels"].notna().sum() == written.labelled
    assert goroutines["wait_minutes"].gt(0).sum() == written.waited
    frames = dataset.stacks.loc[~dataset.stacks["is_creator"]].groupby("stack_id", observed=True).size()
    assert frames.loc[goroutines["stack_id"].astype("str")].sum() == written.frames
    assert list(dataset.snapshots["form"]) == ["signal" if signal else "debug=2"]
    assert not dataset.snapshots["truncated"].any()


def test_all_stacks_distinct_means_all() -> None:
    text, written = printed(stacks=None)
    assert written.stacks == written.goroutines
    without_numbers = re.sub(rb"\([0{._][^\n]*\)\n", b"(\n", re.sub(rb" in goroutine \d+", b"", text))
    bodies = [block.partition(b"\n")[2] for block in without_numbers.split(b"\n\n")]
    assert len(set(bodies)) == written.goroutines


def test_goroutines_are_like_those_of_a_server() -> None:
    text, written = printed(size=3_000_000)
    goroutines = gs.read(text).goroutines
    assert 9 < written.frames_per_goroutine < 14
    assert 0.30 < written.labelled / written.goroutines < 0.37
    assert 0.45 < written.waited / written.goroutines < 0.55
    assert 30 < goroutines["labels"].nunique() < 100
    assert goroutines["wait_minutes"].nunique() > 500
    assert goroutines["wait_minutes"].max() <= 1500
    ids = goroutines["goroutine_id"]
    assert ids.is_monotonic_increasing
    assert ids.is_unique
    assert ids.diff().nunique() > 50
    assert (goroutines["creator_id"].dropna() < ids[goroutines["creator_id"].notna()]).all()


def test_arguments_are_fresh_and_keep_their_marks() -> None:
    text, _ = printed()
    calls = re.findall(rb"^internal/poll\.\(\*pollDesc\)\.wait\((.*)\)$", text, re.MULTILINE)
    assert len(set(calls)) > 0.9 * len(calls)
    assert all(b"?" in call for call in calls)
    assert {len(value) for call in calls for value in re.findall(rb"0x([0-9a-f]+)", call)} >= {1, 2, 6, 12}


def test_without_labels() -> None:
    assert printed(labelled=0)[1].labelled == 0


def test_stacks_are_real_ones_first() -> None:
    real = real_shapes(TEXTS)
    assert len(real) > 100
    assert take_shapes(len(real)) == real
    more = take_shapes(3 * len(real))
    assert len({shape.places for shape in more}) == len(more)


def test_reads_a_block_of_the_corpus() -> None:
    shape = read_block(
        b"goroutine 9 [chan receive, 3 minutes, locked to thread] {role: ack}:\n"
        b"main.(*T).f({0x1?, 0x2}, ...)\n\t/srv/my app/a.go:7 +0x1d\n"
        b"created by main.main in goroutine 1\n\t/srv/a.go:3 +0x2b\n"
    )
    assert shape is not None
    assert shape.state == b"chan receive, locked to thread"
    assert [frame.place for frame in shape.frames] == [(b"main.(*T).f", b"/srv/my app/a.go", 7)]
    assert shape.frames[0].arguments == b"{0x1?, 0x2}, ..."
    assert shape.creator is not None
    assert shape.creator.place == (b"main.main", b"/srv/a.go", 3)


@pytest.mark.parametrize(
    "block",
    [
        b"goroutine 9 [running]:\n\tgoroutine running on other thread; stack unavailable\n",
        b"goroutine 9 [running]:\nmain.f()\n\t/a.go:1\n...75 frames elided...\nmain.g()\n\t/a.go:2\n",
        b"goroutine 9 [select (durable), synctest bubble 1]:\nmain.f()\n\t/a.go:1\n",
        b"goroutine 9 [running]:\nmain.f()\n\t/a.go:1\ncreated by main.main\n\t/a.go:3\n",
        b"exit status 2\n",
    ],
)
def test_leaves_out_what_is_no_plain_stack(block: bytes) -> None:
    assert read_block(block) is None


def test_weights_decide_how_often() -> None:
    drawn = Numbers(1).weighted(np.array([0, 3, 1]), 4000)
    assert np.bincount(drawn).tolist()[0] == 0
    assert 2800 < np.bincount(drawn)[1] < 3200


def test_values_have_the_widths_of_the_printed_ones() -> None:
    values = values_like([b"0x1?, 0xc000012345", b"{0x3274abcdef10}"], Numbers(1), 300)
    assert {len(value) - 2 for value in values} == {1, 10, 12}
    assert all(re.fullmatch(rb"0x(?:[0-9a-f]|c0[0-9a-f]{8}|3274[0-9a-f]{8})", value) for value in values)
