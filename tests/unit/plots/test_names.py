import pandas as pd
import pytest

from gostack_nb.analysis.grouping import group
from gostack_nb.plots.names import (
    NAME_WIDTH,
    drawable,
    group_names,
    in_process,
    one_line,
    short_function,
    short_location,
    shortened,
)


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        ("main.(*session).ackLoop", "main.(*session).ackLoop"),
        ("github.com/acme/monorepo/services/internal/push.(*Hub).run", "…/monorepo/services/internal/push.(*Hub).run"),
        ("main." + "x" * 400, f"main.{'x' * 16}…{'x' * 22}"),
        ("", ""),
        ("main.\x00\u202e", r"main.\x00\u202e"),
        ("main.$a_b<c>", "main.$a_b<c>"),
    ],
)
def test_functions_are_shortened_and_never_longer_than_the_width(function, shown):
    assert short_function(function) == shown
    assert len(short_function(function)) <= NAME_WIDTH


def test_characters_without_a_glyph_are_escaped():
    assert drawable("a\ue000b") == r"a\ue000b"
    assert drawable("处理") in {"处理", r"\u5904\u7406"}


@pytest.mark.parametrize("width", [3, 10, 11, 44])
def test_shortened_text_keeps_both_ends(width):
    text = shortened("a" + "-" * 100 + "z", width)
    assert (len(text), text[0], text[-1]) == (width, "a", "z")


def test_a_location_is_the_name_of_the_file_and_the_line():
    assert short_location("/home/me/project/internal/push/hub.go:17") == "hub.go:17"


@pytest.mark.parametrize(
    ("by", "name"),
    [
        (("signature", "state", "created_by"), "main.a\nchan receive, main.go:9"),
        ("stack_id", "main.a\nmain.go:9"),
        (("signature", "wait_minutes"), "main.a\nmain.go:9, wait_minutes not told"),
        ("state", "chan receive"),
        ("user_location", "main.go:9"),
        ("user_function", "main.a"),
        (("user_function", "created_by"), "main.a, created by main.main"),
        ("label:role", "no label role"),
        ("locked", "locked False"),
    ],
)
def test_groups_are_named_by_their_key(recording, by, name):
    table = group(recording({"main.a": 2}), by=by)
    assert group_names(table, by) == [name]


def test_unknown_keys_are_said():
    table = pd.DataFrame({"state": [None], "created_by": [None], "user_location": [None], "label:a": ["b"]})
    by = ("state", "created_by", "user_location", "label:a")
    assert group_names(table, by) == ["state not told, no creator, no file, a=b"]


def test_equal_names_of_different_stacks_are_told_apart():
    row = {"user_function": "main.a", "top_function": "main.a", "user_location": "/m.go:1", "top_location": "/m.go:1"}
    table = pd.DataFrame([{**row, "stack_id": "aaaaaaaa1"}, {**row, "stack_id": "bbbbbbbb1"}])
    assert group_names(table, "stack_id") == ["main.a\nm.go:1, stack aaaaaa", "main.a\nm.go:1, stack bbbbbb"]


def test_stacks_of_the_standard_library_are_named_by_their_leaf():
    table = pd.DataFrame(
        {
            "user_function": [None],
            "top_function": ["net/http.f"],
            "user_location": [None],
            "top_location": ["/go/src/net/http/server.go:3"],
            "stack_id": ["a"],
        }
    )
    assert group_names(table, "stack_id") == ["net/http.f\nserver.go:3"]


def test_the_process_stands_in_the_last_line():
    assert in_process("main.a\nselect", "push-1") == "main.a\nselect, push-1"
    assert in_process("select", "push-1") == "select\npush-1"
    assert one_line("main.a\nselect") == "main.a"
