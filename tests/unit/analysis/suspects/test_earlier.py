from gostack_nb.analysis.suspects.earlier import earlier_runs
from gostack_nb.analysis.suspects.population import population
from tests.unit.analysis.suspects.conftest import born, by_function


def test_a_redeploy_with_moved_lines_is_found_by_signature(dataset) -> None:
    rows = born("main.leak", range(1000, 1040)) + born("main.gone", [2000])
    rows += born("main.leak", range(1, 30), snapshot_id="s1", line=77) + born("main.new", [50], snapshot_id="s1")
    data = dataset(rows)
    people = population(data)
    table = by_function(earlier_runs(data, people), people)
    assert table["main.leak"]["before_restart"] == 40
    assert table["main.new"]["before_restart"] == 0
    assert people.snapshots["snapshot_id"].tolist() == ["s1"]


def test_no_restart(dataset) -> None:
    data = dataset(born("main.leak", [1]))
    people = population(data)
    assert by_function(earlier_runs(data, people), people)["main.leak"]["before_restart"] is None
