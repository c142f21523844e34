from gostack_nb.analysis.suspects.population import population
from gostack_nb.analysis.suspects.unequal import unequal
from tests.unit.analysis.suspects.conftest import born, by_function


def compared(dataset):
    people = population(dataset)
    return by_function(unequal(dataset, people), people)


def test_the_incident(incident) -> None:
    table = compared(incident)
    assert table["main.ack"] == {"expected": 5, "excess": 10}  # 5 clients, 15 ack loops
    assert table["main.read"] == {"expected": 5, "excess": 0}
    assert table["main.worker"] == {"expected": None, "excess": None}


def test_the_excess_belongs_to_the_biggest_stack_of_a_function(dataset) -> None:
    rows = born("main.read", range(0, 30, 3), created_by="main.accept")
    rows += born("main.write", range(1, 30, 3), created_by="main.accept")
    rows += born("main.ack", range(2, 50, 3), created_by="main.accept")
    rows += [{**row, "line": 20} for row in born("main.ack", [50, 53], created_by="main.accept")]
    people = population(dataset(rows))
    table = unequal(dataset(rows), people).assign(stack=people.groups.keys["stack_id"].astype("str"))
    excess = table.set_index("stack")["excess"]
    assert excess["main.ack:10"] == 8  # 18 ack loops in all, 10 are due
    assert str(excess["main.ack:20"]) == "nan"


def test_the_excess_is_at_most_the_group(dataset) -> None:
    rows = born("main.read", range(0, 30, 3), created_by="main.accept")
    rows += born("main.write", range(1, 30, 3), created_by="main.accept")
    rows += [
        {**row, "line": 10 + n % 4}
        for n, row in enumerate(born("main.ack", range(2, 122, 3), created_by="main.accept"))
    ]
    people = population(dataset(rows))
    assert unequal(dataset(rows), people)["excess"].max() == 10  # 40 in four stacks of 10, 30 too many


def test_forms_without_creators(dataset) -> None:
    rows = born("main.read", [None] * 9, created_by=None, creator_id=None)
    people = population(dataset(rows))
    assert unequal(dataset(rows), people)["expected"].isna().all()
