"""Tables as texts, and sources from the folder that they share."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gostack_nb import read, redactions, suspects
from gostack_nb.reports.postmortem import composing
from gostack_nb.reports.postmortem.document import rows_of
from gostack_nb.reports.postmortem.shared_folder import from_shared_folder
from tests.unit.reports.postmortem_samples import goroutines, snapshot


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (154, "154"),
        (np.int64(5190), "5,190"),
        (1234567, "1,234,567"),
        (0.5, "0.50"),
        (-0.001, "0"),
        (1383.4, "1,383"),
        (2.0, "2"),
        (None, ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (float("nan"), ""),
        (True, "yes"),
        (np.bool_(False), "no"),
        (["One.", "Two."], "One. Two."),
        ("main.f", "main.f"),
        (pd.Timestamp("2026-11-23T08:53:43.9Z"), "2026-11-23 08:53:43"),
    ],
)
def test_a_cell_is_written_as_people_write_it(value, text):
    table = pd.DataFrame({"a": pd.Series([value], dtype="object")})
    assert rows_of("", table, most=5).cells == ((text,),)


def test_lines_and_ids_have_no_commas_and_times_tell_their_zone():
    times = pd.to_datetime(["2026-11-23T08:00:00Z"])
    table = pd.DataFrame({"captured_at": times, "line": [1234], "creator_id": [5678], "count": [1234]})
    rows = rows_of("", table, most=5)
    assert rows.columns == ("captured at (UTC)", "line", "creator id", "count")
    assert rows.cells == (("2026-11-23 08:00:00", "1234", "5678", "1,234"),)
    assert rows.numeric == (False, True, True, True)


def test_a_column_is_numeric_by_its_cells():
    table = pd.DataFrame({"a": ["1", ""], "b": ["", ""], "c": ["1", "x"], "d": ["+1,000", "-0.5"]})
    assert rows_of("", table, most=5).numeric == (True, False, False, True)
    assert rows_of("", table.iloc[:0], most=5).numeric == (False,) * 4


def test_rows_beyond_the_most_are_counted():
    assert rows_of("", pd.DataFrame({"a": range(7)}), most=5).left_out == 2


@pytest.mark.parametrize(
    ("sources", "shown"),
    [
        (["/srv/ada/leak/1.txt", "/srv/ada/fixed/1.txt"], ["leak/1.txt", "fixed/1.txt"]),
        (["/srv/ada/leak/1.txt"], ["1.txt"]),
        (["/srv/a/in.tar.gz!g/1.txt", "/srv/a/in.tar.gz!g/2.txt"], ["in.tar.gz!g/1.txt", "in.tar.gz!g/2.txt"]),
        ([r"C:\dumps\leak\1.txt", r"C:\dumps\fixed\1.txt"], [r"leak\1.txt", r"fixed\1.txt"]),
        (["leak/1.txt", "fixed/1.txt"], ["leak/1.txt", "fixed/1.txt"]),
        (["/a/b/1.txt", "/c/b/1.txt"], ["a/b/1.txt", "c/b/1.txt"]),
        (["http://h/a/1", "http://h/a/2"], ["http://h/a/1", "http://h/a/2"]),
        (["dump.txt"], ["dump.txt"]),
    ],
)
def test_sources_begin_at_the_folder_that_they_share(sources, shown):
    datasets = []
    for source in sources:
        dataset = snapshot(goroutines({"main.f": 1}))
        datasets.append(replace(dataset, snapshots=dataset.snapshots.assign(source=pd.Categorical([source]))))
    found = [dataset.snapshots["source"][0] for dataset in from_shared_folder(datasets)]
    assert found == shown


def test_nothing_at_all_shares_nothing():
    assert from_shared_folder([]) == ()


@pytest.mark.parametrize(
    ("service", "title", "shown"), [(None, "Goroutines in push", "push"), ("hub", "Goroutines in hub", "hub")]
)
def test_the_service_is_named_as_the_author_says(service, title, shown, monkeypatch):
    monkeypatch.setattr(composing, "drawn", lambda _, how_to_read: (how_to_read, b""))
    dataset = read(b"goroutine 1 [select]:\nmain.f()\n\t/a.go:1 +0x1\n", service="push")
    evidence = composing.Evidence(dataset, suspects(dataset), None, redactions(dataset)["kind"], ())
    document = composing.compose(evidence, composing.Told(service=service))
    assert document.title == title
    assert dict(document.facts)["Service"] == shown
