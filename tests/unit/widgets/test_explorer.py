"""The explorer without a browser: its choices are attributes, its answers tables."""

import json
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbconvert import HTMLExporter

from gostack_nb import FilterError, MissingColumnError, explore, group, latest, read, select
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.model.dataset import Dataset
from gostack_nb.widgets.explorer import CONTROLS, Explorer
from tests.corpus.files import INCIDENT

ACK = "main.(*session).ackLoop"
BYTES_LIMIT = 100_000


@pytest.fixture(scope="module")
def leak() -> Dataset:
    return read(INCIDENT / "leak")


@pytest.fixture
def explorer(leak: Dataset) -> Explorer:
    return explore(leak)


def test_it_begins_with_the_latest_snapshot(explorer: Explorer, leak: Dataset) -> None:
    assert explorer.query == "snapshot:latest"
    assert explorer.snapshot == "latest"
    assert len(explorer.selected()) == 288
    expected = group(latest(leak))
    pd.testing.assert_frame_equal(explorer.table()[expected.columns], expected)
    assert explorer.table()["verdict"].iloc[0] == "proven"


def test_one_snapshot_needs_no_filter() -> None:
    explorer = explore(read(b"goroutine 7 [select]:\nmain.f()\n\t/a.go:1\n"))
    assert explorer.query == ""
    assert explorer.said == "1 of 1 goroutines; 1 group"


def test_controls_write_the_filter_and_read_it(explorer: Explorer) -> None:
    explorer.state, explorer.function = "chan receive", "/ack/"
    assert explorer.query == 'snapshot:latest state:"chan receive" function:/ack/'
    assert set(explorer.selected()["user_function"]) == {ACK}
    explorer.wait = 5
    assert explorer.query.endswith(" wait>=5")
    explorer.query = "wait>=1 no:state label:role=x package:sync verdict:proven"
    shown = {name: getattr(explorer, name) for name in CONTROLS}
    assert shown == {
        "state": "(unknown)",
        "function": "",
        "package": "sync",
        "wait": "1",
        "label": "role=x",
        "snapshot": "",
        "verdict": "proven",
    }


def test_the_query_gives_the_same_rows_again(explorer: Explorer, leak: Dataset) -> None:
    explorer.function = "ackLoop"
    rows = explorer.selected()
    assert explore(leak, query=explorer.query).selected().equals(rows)
    assert select(leak, explorer.query).equals(rows)
    assert len(rows) == 154


def test_a_wrong_filter_is_said_and_raised_and_the_view_stays(explorer: Explorer) -> None:
    listed = explorer.listed
    explorer.query = "function:/(/"
    assert "no regular expression" in explorer.problem
    assert explorer.listed == listed
    with pytest.raises(FilterError, match="no regular expression"):
        explorer.selected()
    explorer.opened = 0
    assert "no regular expression" in explorer.problem
    explorer.wait = "soon"  # what is typed; a number is taken as well
    assert "whole number" in explorer.problem
    explorer.query = "snapshot:latest"
    assert explorer.problem == ""


def test_wrong_arguments_raise(leak: Dataset) -> None:
    with pytest.raises(FilterError, match="no field"):
        explore(leak, query="colour:red")
    with pytest.raises(MissingColumnError, match="the table lacks colour"):
        explore(leak, group_by="colour")
    with pytest.raises(TypeError, match="with_goroutines"):
        explore(leak.goroutines)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("group_by", "groups"), [("stack", 9), ("signature", 9), ("line", 8), ("creator", 5), ("state", 5), ("locked", 1)]
)
def test_groupings(explorer: Explorer, group_by: str, groups: int) -> None:
    explorer.group_by = group_by
    assert explorer.problem == ""
    assert len(explorer.table()) == groups
    assert explorer.table()["count"].sum() == 288
    for row in {0, groups - 1}:
        explorer.opened = row
        assert explorer.problem == ""
        assert len(explorer.members()) == explorer.table()["count"].iloc[row]


def test_labels_make_groups_and_the_others_are_one() -> None:
    text = "goroutine {} [select] {{role: {}}}:\nmain.f()\n\t/a.go:1\n\n"
    dump = text.format(1, "ack") + text.format(2, "ack") + "goroutine 3 [select]:\nmain.f()\n\t/a.go:1\n\n"
    explorer = explore(read(dump.encode()), group_by="label:role")
    assert explorer.table()["count"].tolist() == [2, 1]
    explorer.opened = 1
    assert explorer.members()["goroutine_id"].tolist() == [3]
    explorer.narrow()
    assert "no:label:role" in explorer.query
    assert explorer.selected()["goroutine_id"].tolist() == [3]


def test_single_goroutines_are_paged_and_sorted(explorer: Explorer) -> None:
    explorer.group_by = "goroutine"
    assert (explorer.listed["total"], explorer.listed["pages"], len(explorer.listed["rows"])) == (288, 12, 25)
    explorer.sort, explorer.descending, explorer.page = "goroutine_id", False, 99
    assert explorer.page == 11
    ids = [int(row[0]) for row in explorer.listed["cells"]]
    assert ids == sorted(explorer.selected()["goroutine_id"])[-13:]
    explorer.opened = explorer.listed["rows"][0]
    assert explorer.members()["goroutine_id"].tolist() == ids[:1]


def test_an_open_group_tells_stack_growth_and_meaning(explorer: Explorer) -> None:
    explorer.opened = 0
    detail = explorer.detail
    assert detail["title"] == f"154 goroutines in {ACK}"
    assert [fold["kind"] for fold in detail["folds"]] == ["yours", "creator"]
    [course] = detail["courses"]
    assert [point["count"] for point in course["points"]] == [29, 38, 50, 61, 74, 84, 96, 107, 121, 131, 143, 154, 154]
    assert detail["verdict"] == "proven"
    assert detail["meaning"] == "Receiver of a channel, stuck if its senders are gone"
    explorer.members_page = 3
    assert explorer.detail["members"]["page"] == 3
    explorer.page = 0
    explorer.opened = None
    assert explorer.detail == {}
    assert explorer.members().empty


def test_the_text_of_a_member_is_read_again(explorer: Explorer) -> None:
    explorer.opened = 0
    explorer.member = 1
    number = explorer.members()["goroutine_id"].iloc[1]
    assert explorer.text.startswith(f"goroutine {number} [chan receive")


def test_a_text_that_cannot_be_read_is_said() -> None:
    explorer = explore(read(b"goroutine 7 [select]:\nmain.f()\n\t/a.go:1\n"))
    explorer.opened = 0
    explorer.member = 0
    assert explorer.text == ""
    assert "no file here" in explorer.problem


@pytest.mark.parametrize("group_by", ["group", "stack", "line", "creator", "state", "goroutine"])
def test_a_group_kept_alone_is_its_members(explorer: Explorer, group_by: str) -> None:
    explorer.query, explorer.group_by, explorer.opened = "", group_by, 0
    members = explorer.members()
    explorer.narrow()
    assert explorer.problem == ""
    assert explorer.opened is None
    if group_by != "goroutine":
        assert explorer.selected().equals(members)
    assert set(members.index) <= set(explorer.selected().index)


def test_a_group_that_no_filter_tells_is_said(explorer: Explorer) -> None:
    explorer.group_by, explorer.opened = "locked", 0
    explorer.query, explorer.opened = "ackLoop", 0
    explorer._on_message(None, "narrow", [])
    assert "the filter has no field for locked" in explorer.problem


def test_the_flame_graph_is_sent_when_it_is_shown(explorer: Explorer) -> None:
    assert explorer.boxes == {}
    explorer.shown = "flame"
    assert explorer.boxes["total"] == 288
    assert (
        sum(count for count, depth in zip(explorer.boxes["count"], explorer.boxes["depth"], strict=True) if not depth)
        == 288
    )
    explorer.query = f"snapshot:{explorer.before}"
    assert explorer.boxes["total"] == 164
    explorer.shown = "table"
    assert explorer.boxes == {}


def test_two_snapshots_are_compared_under_the_filter(explorer: Explorer) -> None:
    explorer.shown, explorer.function = "sides", "ackLoop"
    assert explorer.sides["cells"][0][:5] == ["29", "154", "+125", "125", "0"]
    explorer.before, explorer.after = explorer.after, explorer.before
    assert explorer.sides["cells"][0][:5] == ["154", "29", "-125", "0", "125"]


def test_a_row_that_is_not_there_is_said(explorer: Explorer) -> None:
    explorer.opened = 99
    assert explorer.problem == "there is no row 99 to open; the table has 9"


def test_what_goes_wrong_unforeseen_is_said(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise IndexError

    monkeypatch.setattr("gostack_nb.widgets.explorer.detail_of", breaks)
    explorer.opened = 0
    assert "IndexError" in explorer.problem
    assert "defect" in explorer.problem


def test_an_empty_dataset_and_an_empty_view(leak: Dataset) -> None:
    explorer = explore(leak, query="nobody")
    assert explorer.selected().empty
    for shown in ("flame", "sides", "table"):
        explorer.shown = shown
        assert explorer.problem == ""
    empty = explore(leak.with_goroutines(leak.goroutines.iloc[:0]))
    assert empty.said == "0 of 0 goroutines, in 0 of 40 snapshots; 0 groups"


@pytest.fixture(scope="module")
def many() -> Dataset:
    block = "goroutine {0} [select, {1} minutes]:\nmain.f{2}()\n\t/srv/app/f{2}.go:{2} +0x1\n\n"
    return read("".join(block.format(n + 1, n % 90, n % 3000) for n in range(20_000)).encode())


@pytest.mark.parametrize("group_by", ["group", "goroutine"])
def test_a_page_is_sent_and_never_the_table(many: Dataset, group_by: str) -> None:
    explorer = explore(many, group_by=group_by)
    for shown in ("table", "flame", "sides"):
        explorer.shown = shown
        explorer.opened = 0
        state = explorer.get_state(["listed", "detail", "boxes", "sides", "said"])
        assert len(json.dumps(state)) < BYTES_LIMIT


MARKUP = """goroutine 8 [chan receive] {note: "<b>$x$"}:
main.<script>f</script>()
\t/srv/<img src=x onerror=1>/b.go:233
"""


def bundles(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr("gostack_nb.widgets.explorer.display", lambda data, **_: shown.append(data))
    explorer._ipython_display_()
    return shown


def test_a_table_of_text_stands_where_no_kernel_is(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = explore(read(MARKUP.encode()), query="f")
    widget, static = bundles(explorer, monkeypatch)
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert explorer._repr_mimebundle_()[0]["text/html"] == static["text/html"]
    cell = nbformat.v4.new_code_cell("explorer")
    cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in (widget, static)]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    page, _ = HTMLExporter(exclude_input=True).from_notebook_node(notebook)
    shown = page[page.index("gostack-static") :]
    assert "main.&lt;script&gt;f&lt;/script&gt;" in shown
    assert "<script>f" not in page
    assert "<img src=x" not in page
    assert "tex2jax_ignore" in static["text/html"]
    assert "Filter: <code>function:f</code>" in shown


def test_names_are_sorted_by_name_and_unknown_ones_stand_last(explorer: Explorer) -> None:
    explorer.sort, explorer.descending = "top_function", False
    at = [column["name"] for column in explorer.listed["columns"]].index("top_function")
    table = explorer.table()
    assert explorer.listed["rows"] == list(
        table.reset_index()["top_function"].astype("str").sort_values(kind="stable").index
    )
    assert len(explorer.listed["cells"][0]) > at
    explorer.sort = "user_function"
    known = [row for row in explorer.listed["rows"] if pd.notna(table["user_function"].iloc[row])]
    assert explorer.listed["rows"][: len(known)] == known
    explorer.sort, explorer.descending = "verdict", True
    assert table["verdict"].iloc[explorer.listed["rows"][0]] == max(table["verdict"].dropna(), key=list(VERDICTS).index)


def test_a_view_is_the_same_whether_its_terms_are_new_or_known(explorer: Explorer, leak: Dataset) -> None:
    for text in (
        "snapshot:latest ackLoop",
        "snapshot:first ackLoop",
        "snapshot:latest wait>=5",
        "snapshot:latest ackLoop",
    ):
        explorer.query = text
        assert explorer.selected().equals(select(leak, text))
        pd.testing.assert_frame_equal(explorer.table().drop(columns="verdict"), group(select(leak, text)))


def test_a_state_is_that_of_today_in_groups_and_as_printed_in_rows() -> None:
    frames = "sync.runtime_Semacquire(0x1)\n\t/usr/local/go/src/runtime/sema.go:62 +0x1\n"
    frames += "sync.(*WaitGroup).Wait(0x1)\n\t/usr/local/go/src/sync/waitgroup.go:116 +0x1\nmain.f()\n\t/a.go:1 +0x1\n"
    explorer = explore(
        read(f"goroutine 1 [semacquire]:\n{frames}\ngoroutine 2 [select]:\nmain.f()\n\t/a.go:1 +0x1\n".encode())
    )
    assert set(explorer.table()["state"]) == {"sync.WaitGroup.Wait", "select"}
    assert set(explorer.selected()["state"]) == {"semacquire", "select"}
    explorer.opened = explorer.table()["state"].tolist().index("sync.WaitGroup.Wait")
    assert explorer.members()["goroutine_id"].tolist() == [1]


def test_what_hides_in_a_name_is_shown_as_an_escape() -> None:
    explorer = explore(read("goroutine 1 [select]:\nmain.\u202ef()\n\t/srv/\u202ea.go:1 +0x1\n".encode()))
    explorer.opened = 0
    explorer.shown = "flame"
    shown = json.dumps([explorer.listed, explorer.detail, explorer.boxes, explorer.options], ensure_ascii=False)
    assert "main.\\\\u202ef" in shown
    assert not [option for option in explorer.boxes["names"] if "\u202e" in option]
    assert "\u202e" not in json.dumps([explorer.listed, explorer.detail, explorer.boxes], ensure_ascii=False)


def test_the_flame_graph_says_how_much_of_the_selection_it_draws(explorer: Explorer) -> None:
    explorer.query, explorer.shown = "", "flame"
    assert (explorer.boxes["total"], explorer.boxes["selected"]) == (288, 8915)
