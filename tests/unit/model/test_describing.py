import pandas as pd
import pytest

from gostack_nb import Dataset, read
from tests.corpus.files import INCIDENT

MARKUP = b"goroutine 8 [chan receive]:\nmain.<script>f</script>()\n\t/srv/b.go:233\n\ngoroutine 9 [chan receive"


@pytest.fixture(scope="module")
def leak() -> Dataset:
    return read(INCIDENT / "leak")


def test_a_dataset_says_what_it_holds(leak: Dataset) -> None:
    lines = repr(leak).splitlines()
    assert lines[0] == "Dataset: 8,915 goroutines in 40 snapshots"
    assert "  captured: 2026-11-23 08:53:43 to 2026-11-23 08:59:14 UTC" in lines
    assert "  Go: go1.27.3" in lines
    assert "        154  chan receive in main.(*session).ackLoop" in lines
    assert not any(line.startswith(("  services", "  issues", "  truncated")) for line in lines)


def test_services_issues_and_cuts_are_said() -> None:
    dataset = read(MARKUP, service="push", instance="push-1")
    text = repr(dataset)
    assert "services: push" in text
    assert "instances: push-1" in text
    assert "truncated: 1 snapshot, whose counts are too low" in text
    assert "could not be read: see .issues" in text


def test_many_names_are_cut_short(leak: Dataset) -> None:
    names = pd.Categorical([f"push-{number}" for number in range(len(leak.snapshots))])
    snapshots = leak.snapshots.assign(instance=names)
    told = repr(Dataset(leak.goroutines, leak.stacks, snapshots, leak.issues, leak.metrics))
    assert "push-5 and 34 more" in told


def test_html_is_escaped_and_kept_from_mathjax() -> None:
    html = read(MARKUP)._repr_html_()
    assert "main.&lt;script&gt;f&lt;/script&gt;" in html
    assert "<script>" not in html
    assert 'class="tex2jax_ignore mathjax_ignore"' in html


def test_tables_that_lack_columns_are_shown_too() -> None:
    empty, ids = pd.DataFrame(), pd.DataFrame({"snapshot_id": ["a", "a"]})
    assert repr(Dataset(empty, empty, empty, empty, empty)) == "Dataset: 0 goroutines in 0 snapshots"
    assert "2  state not told in ?" in repr(Dataset(ids, empty, ids.iloc[:1], empty, empty))
