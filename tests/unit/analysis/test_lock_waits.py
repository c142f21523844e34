import pytest

import gostack_nb as gs
from gostack_nb.analysis.lock_waits import CONVOY, OBJECT_BYTES, lock_graph, lock_waits

A, B = 0xC000010000, 0xC000020000


def waiter(one, lock, *pointers, line=9, minutes=3):
    arguments = ", ".join(hex(pointer) for pointer in pointers)
    return (
        f"goroutine {one} [sync.Mutex.Lock, {minutes} minutes]:\n"
        f"sync.(*Mutex).lockSlow({lock:#x})\n\tsync/mutex.go:1 +0x1\n"
        f"main.f({arguments})\n\t/srv/main.go:{line} +0x1d\n"
    )


def other(one, *pointers):
    arguments = ", ".join(hex(pointer) for pointer in pointers)
    return f"goroutine {one} [chan send]:\nmain.g({arguments})\n\t/srv/main.go:30 +0x1d\n"


@pytest.fixture
def table(tmp_path):
    def read(*blocks):
        path = tmp_path / "0.txt"
        path.write_text("\n".join(blocks), "utf-8")
        dataset = gs.read(path)
        return lock_waits(dataset, addresses=gs.read_addresses(dataset))

    return read


def test_a_lock_whose_holder_is_blocked_in_a_send(table) -> None:
    [row] = table(waiter(7, A, A, minutes=2), waiter(8, A, A, minutes=5), other(9, A)).to_dict("records")
    assert (row["lock"], row["waiters"], row["holders"]) == (hex(A), 2, [9])
    assert (row["wait_min"], row["wait_max"], row["convoy"], row["cycle"]) == (2, 5, False, False)
    assert (row["user_function"], row["user_location"], row["lines"]) == ("main.f", "/srv/main.go:9", 1)


def test_a_circle_of_two_locks(table) -> None:
    rows = table(waiter(7, A, A, B), waiter(8, B, B, A, line=12)).set_index("lock")
    assert rows["cycle"].tolist() == [True, True]
    assert rows.loc[hex(A), "waits_for"] == hex(B)
    assert rows.loc[hex(A), "holders"] == [8]


def test_a_chain_is_no_circle(table) -> None:
    rows = table(waiter(7, A, A), waiter(8, B, B, A)).set_index("lock")
    assert rows.loc[hex(A), "waits_for"] == hex(B)  # who may hold A waits for B
    assert rows["cycle"].tolist() == [False, False]
    assert str(rows.loc[hex(B), "waits_for"]) == "nan"


def test_a_convoy(table) -> None:
    [row] = table(*(waiter(one, A, A) for one in range(7, 7 + CONVOY))).to_dict("records")
    assert (row["waiters"], row["convoy"]) == (CONVOY, True)


def test_most_waiters_first(table) -> None:
    assert table(waiter(7, A), waiter(8, B), waiter(9, B))["waiters"].tolist() == [2, 1]


def test_without_the_text_waiters_are_listed_by_line() -> None:
    text = "\n".join([waiter(7, A), waiter(8, B), waiter(9, B, line=12)])
    rows = lock_waits(gs.read(text.encode()))
    assert rows["lock"].isna().all()
    assert dict(zip(rows["user_location"], rows["waiters"], strict=True)) == {"/srv/main.go:9": 2, "/srv/main.go:12": 1}


def deep(one, line):
    """A waiter without a frame of the user's and without its lock's address."""
    return f"goroutine {one} [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow()\n\tsync/mutex.go:{line} +0x1\n"


def test_waiters_whose_line_is_unknown_are_no_convoy() -> None:
    text = "\n".join([*(deep(one, 1) for one in range(7, 7 + CONVOY)), *(deep(one, 2) for one in range(30, 33))])
    rows = lock_waits(gs.read(text.encode()))
    assert rows["user_location"].isna().all()
    assert rows[["waiters", "convoy"]].values.tolist() == [[CONVOY, False], [3, False]]


def test_nobody_waits_for_a_lock(table) -> None:
    rows = table(other(9, A))
    assert rows.empty
    assert rows["waiters"].dtype == "int64"


@pytest.mark.parametrize(
    ("pointer", "holds"), [(A, True), (A - OBJECT_BYTES + 8, True), (A - OBJECT_BYTES, False), (A + 8, False)]
)
def test_a_lock_lies_in_the_object_that_a_pointer_points_to(pointer, holds) -> None:
    graph = lock_graph({7: A}, {7: {A}, 9: {pointer}})
    assert graph.holders[A] == ([9] if holds else [])


def test_a_pointer_means_the_next_lock_only() -> None:
    graph = lock_graph({7: A, 8: A + 32}, {9: {A - 16}})
    assert graph.holders == {A: [9], A + 32: []}
