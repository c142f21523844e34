"""What is named becomes places: labels in braces, tables, hostile names."""

import os
from pathlib import Path

import pandas as pd
import pytest

from gostack_nb.errors import MissingColumnError
from gostack_nb.fleet.places import Place, places_of
from gostack_nb.fleet.sweep import sweep
from gostack_nb.sources.blob import Unread


def made(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def found(text: str) -> list[Place]:
    places = list(places_of(text))
    assert all(isinstance(place, Place) for place in places)
    return [place for place in places if isinstance(place, Place)]


@pytest.mark.parametrize(
    ("pattern", "names", "told"),
    [
        ("{zone}/{build}/{instance}.txt", ["a/1.2/p-0.txt"], ("p-0", None, {"zone": "a", "build": "1.2"})),
        ("{service}/{instance}/*.txt", ["push/p-0/x.txt"], ("p-0", "push", {})),
        ("{job}/{instance}.txt", ["push/p-0.txt"], ("p-0", "push", {})),
        ("**/{build}/*.txt", ["a/b/1.2/x.txt"], (None, None, {"build": "1.2"})),
        ("**/{build}/*.txt", ["1.2/x.txt"], (None, None, {"build": "1.2"})),
        ("{zone}/v{build}-*.txt", ["a/v1.2-x.txt"], (None, None, {"zone": "a", "build": "1.2"})),
        ("{zone}/{zone}.txt", ["a/a.txt"], (None, None, {"zone": "a"})),
        ("{zone}.(1)+.txt", ["a.(1)+.txt"], (None, None, {"zone": "a"})),
        ("{build}/*.txt", ["1 & 2$/a b.txt"], (None, None, {"build": "1 & 2$"})),
        ("{build}/*.txt", ["ü<b>/a.txt"], (None, None, {"build": "ü<b>"})),
    ],
)
def test_braces(tmp_path: Path, pattern: str, names: list[str], told: tuple[object, ...]) -> None:
    made(tmp_path, *names)
    [place] = found(f"{tmp_path}/{pattern}")
    assert (place.instance, place.service, dict(place.labels)) == told
    assert place.address == str(tmp_path / names[0])
    assert place.size_bytes == 1


@pytest.mark.parametrize(
    "pattern",
    [
        "d/{zone}/a.txt",
        "./d/{zone}/a.txt",
        "d//{zone}/a.txt",
        "d/{zone}/",
        "d/{zone}",
        "~/d/{zone}/*.txt",
        "?/{zone}/a.txt",
        "[a-e]/{zone}/[!b].txt",
        "d/{zone}/[z-a]*a.txt*",
    ],
)
def test_braces_in_any_spelling_of_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    made(tmp_path, "d/east/a.txt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    places = [place for place in places_of(pattern) if isinstance(place, Place)]
    assert [dict(place.labels) for place in places] == [{"zone": "east"}] * ("z-a" not in pattern)


@pytest.mark.parametrize("special", ["fifo", "/dev/null"])
def test_what_is_no_file_is_called_what_it_is(tmp_path: Path, special: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    [row] = places_of(tmp_path / special)
    assert isinstance(row, Unread)
    assert row.reason.startswith(("is a FIFO, not a file", "is a device, not a file"))


def test_a_file_that_has_braces_in_its_name(tmp_path: Path) -> None:
    made(tmp_path, "{zone}.txt", "a.txt")
    [place] = found(f"{tmp_path}/{{zone}}.txt")
    assert (place.address, place.labels) == (f"{tmp_path}/{{zone}}.txt", {})


@pytest.mark.parametrize("pattern", ["", "/*", "/{instance}.txt"])
def test_a_link_to_nothing_is_a_row_and_the_rest_is_counted(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "a.txt").write_text("goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:9 +0x1d\n")
    (tmp_path / "gone.txt").symlink_to("nowhere")
    ranking = sweep(f"{tmp_path}{pattern}")
    assert ranking["total"].tolist() == [1]
    assert [Path(source).name for source in ranking.problems["source"]] == ["gone.txt"]


def test_natural_order_and_several_sources(tmp_path: Path) -> None:
    made(tmp_path, "p-10.txt", "p-2.txt", "other/a.txt")
    places = list(places_of([f"{tmp_path}/p-*.txt", tmp_path / "other"]))
    assert [Path(str(place.address)).name for place in places if isinstance(place, Place)] == [
        "p-2.txt",
        "p-10.txt",
        "a.txt",
    ]


@pytest.mark.parametrize("text", ["nothing-here/{zone}/*.txt", "nothing-here.txt", ""])
def test_what_leads_to_nothing_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    [unread] = places_of(text)
    assert isinstance(unread, Unread)


def test_a_table_of_targets() -> None:
    table = pd.DataFrame(
        {
            "job": ["push", "push", None],
            "instance": ["a:6060", "b:6060", "c:6060"],
            "pprof_url": ["http://a:6060", None, "http://c:6060/debug/pprof/"],
            "scrape_url": ["http://a:6060/metrics"] * 3,
            "health": ["up"] * 3,
            "last_error": [None] * 3,
            "last_scrape": pd.to_datetime(["2026-11-23T08:00Z"] * 3),
            "goroutines": [1.0, 2.0, 3.0],
            "build": ["1.4.2", "1.4.1", pd.NA],
        }
    )
    first, missing, last = places_of(table)
    assert isinstance(first, Place)
    assert isinstance(last, Place)
    assert (first.service, first.instance, dict(first.labels)) == ("push", "a:6060", {"build": "1.4.2"})
    assert (last.service, last.instance, dict(last.labels)) == (None, "c:6060", {})
    assert first.is_service
    assert missing == Unread("job=push, instance=b:6060, build=1.4.1", "has no address")


def test_a_table_of_files(tmp_path: Path) -> None:
    made(tmp_path, "a.txt", "b.txt")
    table = pd.DataFrame({"source": [f"{tmp_path}/a.txt", f"{tmp_path}/b.txt"], "service": ["s", ""], "zone": [1, 2]})
    places = [place for place in places_of(table) if isinstance(place, Place)]
    assert [(place.service, dict(place.labels)) for place in places] == [("s", {"zone": "1"}), (None, {"zone": "2"})]


def test_a_table_without_addresses_and_what_is_no_source() -> None:
    with pytest.raises(MissingColumnError, match="neither source nor pprof_url; it has address"):
        list(places_of(pd.DataFrame({"address": ["a"]})))
    with pytest.raises(TypeError, match="cannot sweep int: pass paths, patterns, addresses, or a table of them"):
        list(places_of([7]))  # type: ignore[list-item]  # a bad call
    assert list(places_of([])) == []


def test_no_credentials_are_shown() -> None:
    place = Place("http://me:secret@10.0.0.7:6060/debug/pprof/", options={"key": "secret"})
    assert "secret" not in repr(place)
    assert "secret" not in place.source
