"""From sources to tables: times, names, neighbours, what cannot be read."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from gostack_nb import FormatError, UnreachableError, read
from gostack_nb.model.schema import GOROUTINES, ISSUES, METRICS, SNAPSHOTS, STACKS
from gostack_nb.reports.bundled import bundled

DUMP = b"goroutine 7 [chan receive, 3 minutes]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n"
LEAK = bundled("push-incident") / "leak"


def test_the_tables_are_those_of_the_schema() -> None:
    dataset = read(LEAK)
    for table, schema in (
        (dataset.goroutines, GOROUTINES),
        (dataset.stacks, STACKS),
        (dataset.snapshots, SNAPSHOTS),
        (dataset.issues, ISSUES),
        (dataset.metrics, METRICS),
    ):
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {c.name: c.dtype for c in schema}


def test_an_empty_table_has_its_dtypes_too() -> None:
    dataset = read(b"goroutineleak profile: total 0\n")
    assert len(dataset.goroutines) == 0
    assert {name: str(dtype) for name, dtype in dataset.goroutines.dtypes.items()} == {
        column.name: column.dtype for column in GOROUTINES
    }


def test_counted_forms_have_one_row_per_goroutine() -> None:
    dataset = read(LEAK / "11.goroutine.debug1.txt", LEAK / "11.goroutine.pb.gz", LEAK / "11.goroutine.debug2.txt")
    assert dataset.snapshots["goroutine_count"].to_list() == [288, 288, 288]
    by_form = dataset.goroutines.groupby("snapshot_id", observed=True)["user_function"].value_counts()
    assert (by_form.xs("main.(*session).ackLoop", level=1) == 154).all()


def test_signatures_agree_between_the_forms_and_stack_ids_within_one() -> None:
    forms = [read(LEAK / f"11.goroutine.{form}") for form in ("debug1.txt", "pb.gz", "debug2.txt")]
    signatures = [set(d.goroutines.loc[d.goroutines["user_function"].notna(), "signature"]) for d in forms]
    assert signatures[0] == signatures[1] == signatures[2]
    again = read(LEAK / "11.goroutine.debug2.txt")
    assert set(again.goroutines["stack_id"]) == set(forms[2].goroutines["stack_id"])


def test_unknown_is_na_in_debug1() -> None:
    goroutines = read(LEAK / "11.goroutine.debug1.txt").goroutines
    for column in ("goroutine_id", "state", "wait_minutes", "leaked", "created_by", "creator_id"):
        assert goroutines[column].isna().all()


def test_times_come_from_sidecar_profile_and_caller() -> None:
    snapshots = read(LEAK).snapshots.set_index("source")
    assert snapshots.loc[str(LEAK / "00.goroutine.debug2.txt"), "captured_at"] == pd.Timestamp(
        "2026-11-23T08:53:43.265Z"
    )
    assert snapshots.loc[str(LEAK / "00.goroutine.debug2.txt"), "captured_at_from"] == "sidecar"
    assert snapshots.loc[str(LEAK / "12.goroutineleak.pb.gz"), "captured_at_from"] == "profile"
    # The leak profile's neighbours of the same capture have no time of their own: they share the profile's.
    assert snapshots.loc[str(LEAK / "12.goroutineleak.debug1.txt"), "captured_at_from"] == "profile"
    told = read(DUMP, captured_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC)).snapshots
    assert told["captured_at_from"].to_list() == ["caller"]
    assert told["captured_at"].to_list() == [pd.Timestamp("2026-01-02T03:04Z")]


def test_the_go_version_comes_from_the_metrics_beside_the_dump() -> None:
    assert set(read(LEAK).snapshots["go_version"]) == {"go1.27.3"}


def test_metrics_beside_the_dumps_are_read() -> None:
    metrics = read(LEAK).metrics
    goroutines = metrics[metrics["name"] == "go_goroutines"].sort_values("captured_at")["value"]
    assert (goroutines.iloc[0], goroutines.iloc[-1]) == (163, 288)


def test_service_and_instance_are_those_of_the_caller() -> None:
    snapshots = read(DUMP, service="push", instance="a").snapshots
    assert snapshots[["service", "instance"]].iloc[0].to_list() == ["push", "a"]


def test_several_pods_in_one_log_are_several_instances() -> None:
    lines = DUMP.splitlines()
    pods = [b"[pod/push-%d/push] %s" % (pod, line) for line in lines for pod in (1, 2)]
    snapshots = read(b"\n".join(pods) + b"\n").snapshots
    assert snapshots["goroutine_count"].to_list() == [1, 1]
    assert snapshots["instance"].nunique() == 2


def test_equal_dumps_get_different_snapshot_ids() -> None:
    dataset = read(DUMP, DUMP)
    assert dataset.snapshots["snapshot_id"].is_unique
    assert len(dataset.goroutines) == 2


def test_an_unreadable_source_among_others_is_an_issue(tmp_path: Path) -> None:
    dataset = read(DUMP, tmp_path / "missing.txt", b"<html>login</html>")
    assert len(dataset.goroutines) == 1
    reasons = dataset.issues["reason"].to_list()
    assert len(reasons) == 2
    assert "HTML" in reasons[1]
    assert dataset.issues["source"].to_list()[0].endswith("missing.txt")


def test_alone_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"missing\.txt"):
        read(tmp_path / "missing.txt")
    with pytest.raises(FormatError, match="HTML"):
        read(b"<html>login</html>")
    with pytest.raises(FormatError, match="no goroutine dump"):
        read()


def test_issues_say_line_offset_and_text() -> None:
    broken = b"\ngoroutine 8 [sel\nmain.g()\n\t/srv/main.go:1 +0x1\n\n"
    text = b"2026/11/23 started\n" + DUMP + broken + DUMP.replace(b"7", b"9")
    dataset = read(text)
    assert dataset.goroutines["goroutine_id"].to_list() == [7, 9]
    issue = dataset.issues.iloc[0]
    assert (issue["line_number"], issue["byte_offset"]) == (6, text.index(b"goroutine 8"))
    assert issue["text"] == "goroutine 8 [sel"


def test_a_dump_cut_at_64_mib_says_so() -> None:
    block = DUMP.replace(b"goroutine 7", b"goroutine %d") + b"\n"
    text = b"".join(block % number for number in range(1, (1 << 26) // len(block) + 2))[: 1 << 26]
    snapshots = read(text).snapshots
    assert snapshots["truncated"].to_list() == [True]
    assert "64 MiB" in read(text).issues["reason"].iloc[-1]


def test_no_credential_and_no_content_gets_into_the_issues() -> None:
    dataset = read(DUMP, "http://user:secret@127.0.0.1:1/debug/pprof/goroutine", b"\x1f\x8b")
    said = dataset.issues.to_json()
    assert "secret" not in said
    assert "127.0.0.1:1" in said
    assert dataset.issues["source"].to_list()[1] == "<bytes 3>"
