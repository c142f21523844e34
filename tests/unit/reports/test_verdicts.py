import io
import json

import pandas as pd
import pytest
from rich.console import Console

import gostack_nb as gs
from gostack_nb.reports.verdicts import SURENESS, as_json, fails, find_suspects, listing

STUCK = (
    "goroutine {one} [sync.Mutex.Lock, {minutes} minutes]:\n"
    "sync.(*Mutex).lockSlow({lock})\n\tsync/mutex.go:171 +0x165\n"
    "main.(*store).put(0xc000123450)\n\t/srv/app/store.go:41 +0x1d\ncreated by main.handle in goroutine 99\n"
    "\t/srv/app/main.go:7 +0x2b\n"
)
HOSTILE = "goroutine 7 [sync.Mutex.Lock, 9 minutes]:\nmain.\x1b[2J[red]f()\n\t/srv/\x1b]0;x\x07.go:9 +0x1d\n"


@pytest.fixture
def stuck(tmp_path):
    path = tmp_path / "dump.txt"
    blocks = [STUCK.format(one=one, minutes=one % 7 + 1, lock="0xc0000a6458") for one in range(10, 25)]
    path.write_text("\n".join(blocks), "utf-8")
    return gs.read(path)


def printed(dataset, found, *, top=10):
    console = Console(file=io.StringIO(), width=80, highlight=False)
    console.print(listing(dataset, found, top=top))
    return console.file.getvalue()


def test_locks_are_read_again(stuck) -> None:
    row = find_suspects(stuck).iloc[0]
    assert row["verdict"] == "strong"
    assert "15 of 15 wait for one and the same lock." in row["reasons"]


def test_the_reasons_stand_below_each(stuck) -> None:
    text = printed(stuck, find_suspects(stuck))
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "1 suspect in 1 dump",
        "strong",
        "15",
        "main.(*store).put",
        "/srv/app/store.go:41",
        "- They have waited",
        "15 goroutines, 100 % of all",
        "> Look for: ",
    ):
        assert words in text


def test_only_the_first_are_printed() -> None:
    blocks = [HOSTILE.replace("7 [", f"{n} [").replace("f()", f"f{n}()") for n in range(2, 5)]
    dataset = gs.read("\n".join(blocks).encode())
    assert "and 2 more suspects: --top 3" in printed(dataset, find_suspects(dataset), top=1)


def test_what_steers_a_terminal_is_escaped() -> None:
    dataset = gs.read(HOSTILE.encode())
    text = printed(dataset, find_suspects(dataset))
    assert "\x1b[2J" not in text
    assert "\x07" not in text


def test_nothing_to_say() -> None:
    dataset = gs.read(b"goroutine 7 [select]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
    assert "No suspect in 1 dump" in printed(dataset, find_suspects(dataset))


def test_json_is_a_list_of_rows(stuck) -> None:
    [row] = json.loads(as_json(find_suspects(stuck)))
    assert (row["rank"], row["verdict"], row["count"], row["rate_per_hour"]) == (1, "strong", 15, None)
    assert all(isinstance(reason, str) for reason in row["reasons"])
    assert as_json(find_suspects(stuck)).isascii()


@pytest.mark.parametrize("verdict", [*SURENESS, "explained"])
@pytest.mark.parametrize("least", SURENESS)
def test_fails_on_what_is_as_sure_or_surer(verdict, least) -> None:
    order = ("explained", *SURENESS)
    expected = order.index(verdict) >= order.index(least)
    assert fails(pd.DataFrame({"verdict": [verdict]}), least) == expected


def test_without_a_limit_nothing_fails() -> None:
    assert not fails(pd.DataFrame({"verdict": ["proven"]}), None)


def test_what_is_explained_takes_a_line(stuck) -> None:
    known = find_suspects(stuck).assign(verdict="explained", pattern="mutex")
    text = printed(stuck, known)
    assert "No suspect in 1 dump" in text
    assert "known, and no more than expected\n  15 " in text
    assert "They have waited" not in text


CONTRACT = (
    "rank verdict stack_id signature state top_function top_location user_function user_location count share "
    "rate_per_hour pattern reasons"
)


def test_json_has_the_names_of_the_contract(stuck) -> None:
    [row] = json.loads(as_json(find_suspects(stuck)))
    assert list(row) == CONTRACT.split()
    assert json.loads(as_json(find_suspects(stuck).iloc[:0])) == []


def test_a_rate_of_nothing_has_no_minus(stuck) -> None:
    found = find_suspects(stuck).assign(rate_per_hour=-0.2)
    assert ", +0 per hour" in printed(stuck, found)
