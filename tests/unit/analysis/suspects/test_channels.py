from gostack_nb.analysis.suspects.channels import channels
from gostack_nb.analysis.suspects.population import population
from gostack_nb.analysis.suspects.ranking import suspects
from gostack_nb.formats.addresses import Addresses
from gostack_nb.model.addresses import address_table
from tests.unit.analysis.suspects.conftest import born, by_function


def on(one, channel, snapshot="s0"):
    return (snapshot, Addresses(one, "receive", channel, frozenset({channel})))


def test_a_pool_shares_and_requests_do_not(dataset) -> None:
    people = population(dataset(born("main.worker", [1, 2, 3]) + born("main.wait", [4, 5])))
    addresses = address_table([on(1, 0xA0), on(2, 0xA0), on(3, 0xA0), on(4, 0xB0), on(5, 0xC0)])
    table = by_function(channels(people, addresses), people)
    assert table["main.worker"] == {"channels": 1, "on_channels": 3}
    assert table["main.wait"] == {"channels": 2, "on_channels": 2}


def test_the_same_address_in_two_processes_is_two_channels(dataset) -> None:
    snapshots = [{"snapshot_id": name, "instance": name} for name in ("a", "b")]
    rows = born("main.wait", [1], snapshot_id="a") + born("main.wait", [1], snapshot_id="b")
    people = population(dataset(rows, snapshots=snapshots))
    table = by_function(channels(people, address_table([on(1, 0xA0, "a"), on(1, 0xA0, "b")])), people)
    assert table["main.wait"]["channels"] == 2


def test_locks_are_no_channels(dataset) -> None:
    people = population(dataset(born("main.f", [1])))
    locked = address_table([("s0", Addresses(1, "lock", 0xA0, frozenset()))])
    assert by_function(channels(people, locked), people)["main.f"] == {"channels": 0, "on_channels": 0}


def test_one_channel_each_is_said(dataset) -> None:
    rows = born("main.wait", [10, 60, 200], creator_id=99) + born("main.main", [1], created_by=None)
    addresses = address_table([on(10, 0xA0), on(60, 0xB0), on(200, 0xC0)])
    row = suspects(dataset(rows), addresses=addresses).iloc[0]
    assert "3 wait on 3 channels: one each, as per request." in row["reasons"]
