"""Generated profiles, debug=1 and debug=0: both of the same goroutines, and read back without loss."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner

import gostack_nb as gs
from benchmarks.counted_groups import Group, Line, Location, make_groups
from benchmarks.debug1_text import print_debug1
from benchmarks.generate import CountedForm, main, write_counted
from benchmarks.profile_message import gzip_profile, print_profile

GOROUTINES, STACKS = 5000, 300


@pytest.mark.parametrize("form", ["debug1", "debug0"])
def test_the_library_finds_what_was_announced(form: CountedForm, tmp_path: Path) -> None:
    path = tmp_path / form
    groups = make_groups(27, GOROUTINES, STACKS)
    assert write_counted(path, GOROUTINES, form=form, stacks=STACKS) == len(groups)
    dataset = gs.read(path)
    assert dataset.issues.empty
    assert len(dataset.goroutines) == GOROUTINES
    stacks = {group.locations for group in groups}
    assert 0.9 * len(stacks) < dataset.goroutines["stack_id"].nunique() <= len(stacks), "debug=1 hides upper frames"
    labelled = sum(group.count for group in groups if group.labels)
    assert dataset.goroutines["labels"].notna().sum() == labelled > 0
    assert dataset.goroutines["labels"].nunique() == len({group.labels for group in groups if group.labels})


def test_both_forms_tell_of_the_same_goroutines() -> None:
    groups = make_groups(1, GOROUTINES, STACKS)
    text, message = gs.read(print_debug1(groups)), gs.read(gzip_profile(groups))
    for column in ("user_function", "labels"):
        counts = [dataset.goroutines[column].astype("str").value_counts() for dataset in (text, message)]
        assert counts[0].to_dict() == counts[1].to_dict()
    assert message.goroutines["state"].notna().any()


def test_same_seed_same_bytes_other_seed_others() -> None:
    texts = [print_debug1(make_groups(seed, GOROUTINES, STACKS)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    messages = [print_profile(make_groups(seed, GOROUTINES, STACKS)) for seed in (1, 1, 2)]
    assert messages[0] == messages[1] != messages[2]


def test_few_goroutines_are_not_more_than_asked() -> None:
    assert sum(group.count for group in make_groups(1, 7, STACKS)) == 7


def test_prints_debug1_as_go_does() -> None:
    """The group of the push incident, as go1.27.3 printed it, but for the offsets."""
    lines = (
        ("internal/poll.runtime_pollWait", "/usr/local/go/src/runtime/netpoll.go", 351),
        ("internal/poll.(*pollDesc).waitRead", "/usr/local/go/src/internal/poll/fd_poll_runtime.go", 89),
    )
    shown = tuple(Location(0x48B385 + at, (Line(*line),)) for at, line in enumerate(lines))
    upper = Location(0x48C18A, (Line("runtime.gopark", "/usr/local/go/src/runtime/proc.go", 474),))
    text = print_debug1([Group(29, (upper, *shown), (("client", "c-17"), ("role", "ack")))])
    assert text.decode().split("\n") == [
        "goroutine profile: total 29",
        "29 @ 0x48c18a 0x48b385 0x48b386",
        '# labels: {"client":"c-17", "role":"ack"}',
        "#\t0x48b384\tinternal/poll.runtime_pollWait+0x2c8\t\t/usr/local/go/src/runtime/netpoll.go:351",
        "#\t0x48b385\tinternal/poll.(*pollDesc).waitRead+0x2c9\t/usr/local/go/src/internal/poll/fd_poll_runtime.go:89",
        "",
    ]


def test_a_profile_of_nothing() -> None:
    assert gzip.decompress(gzip_profile([])) == print_profile([])
    assert gs.read(gzip_profile([])).goroutines.empty


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--size", "100KB"], "goroutines on "),
        (["--size", "100KB", "--distinct", "all"], "goroutines on "),
        (["--size", "0.1MB", "--form", "signal"], "goroutines on "),
        (["--form", "debug1", "--goroutines", "900", "--distinct", "50"], "900 goroutines in "),
        (["--form", "debug0", "--goroutines", "900", "--distinct", "50"], "900 goroutines in "),
    ],
)
def test_the_command_line_writes_every_form(options: list[str], said: str, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "dump"
    done = CliRunner().invoke(main, ["--out", str(path), *options])
    assert done.exit_code == 0, done.output
    assert said in done.output
    assert gs.read(path).issues.empty


def test_the_command_line_says_what_a_size_is(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--out", str(tmp_path / "x"), "--size", "many"])
    assert done.exit_code == 2
    assert "30MB" in done.output
