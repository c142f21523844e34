"""Fixed or not: hand-made courses before and after, with numbers worked out by hand."""

import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.analysis.fix_courses import Course, added
from gostack_nb.analysis.fix_verdicts import VERDICTS, at_most, is_flat
from gostack_nb.analysis.verify_fix import verify_fix

DATA = Path(__file__).parents[3] / "data" / "push-incident"
GROWING = [10, 20, 30, 40, 50, 60]  # a dump per minute: 600 per hour
FLAT = [10] * 6


def shots(counts, *, step=60, start=0, turnover=100, instance="a", ids=True, leave=False, form="debug=2", **more):
    """Give rows and snapshots of a process: `counts` of main.ack in each dump, and one request with the highest id.

    Between two dumps `turnover` ids are used. Goroutines of main.ack stay, or with `leave` all are new in each dump.
    """
    rows, snapshots, born = [], [], []
    function, line, extra = more.get("function", "main.ack"), more.get("line", 10), more.get("extra", [0] * len(counts))
    told = {} if form == "debug=2" else {"state": None, "created_by": None, "creator_id": None}
    for number, count in enumerate(counts):
        first = more.get("first_id", 1000) + number * turnover
        born = [] if leave else born[:count]
        born += [first + place for place in range(count - len(born))]
        name = f"{instance}{start}-{number}"
        what = [(function, goid) for goid in born] + [("main.handle", first + turnover - 1)]
        what += [("main.poll", 100_000_000 + place) for place in range(extra[number])]
        for one, goid in what:
            known = {"goroutine_id": goid if ids and goid < 100_000_000 else None}
            rows.append({"snapshot_id": name, "function": one, "line": line, **known, **told})
        snapshots.append({"snapshot_id": name, "at": start + number * step, "instance": instance, "form": form})
    return rows, snapshots


@pytest.fixture
def side(dataset):
    def build(counts, **more):
        rows, snapshots = shots(counts, **more)
        return dataset(rows, snapshots=snapshots)

    return build


@pytest.fixture
def fleet(dataset):
    """Put processes together: each a list of counts, or what `shots` gave."""

    def build(*processes, **more):
        made = [shots(counts, instance=f"pod-{place}", **more) for place, counts in enumerate(processes)]
        return dataset(
            [row for rows, _ in made for row in rows], snapshots=[row for _, snapshots in made for row in snapshots]
        )

    return build


def total(found):
    return found.iloc[0]


def groups(found):
    return found[found["scope"] == "group"]


def test_flat_after_growth_is_fixed(side):
    found = verify_fix(side(GROWING), side(FLAT, start=3600))
    assert found["scope"].tolist() == ["total", "group"]
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    ack = found.iloc[1]
    assert (ack["before_first"], ack["before_last"], ack["after_last"]) == (10, 60, 10)
    assert (ack["before_rate_per_hour"], ack["after_rate_per_hour"]) == (pytest.approx(600), 0)
    assert ack["expected"] == pytest.approx(50)
    assert (ack["before_arrivals"], ack["before_exits"], ack["user_function"]) == (50, 0, "main.ack")
    assert ack["sentence"] == (
        "main.ack [chan receive] grew by 600 per hour [600, 600] before (6 dumps in 5.0 minutes), and by 0 [0, 0] "
        "after (6 dumps in 5.0 minutes): flat, fixed. Growth at 20 % of the old rate (120 per hour) is excluded: the "
        "old rate would have added 50 in that time."
    )


def test_a_part_of_the_leak_still_grows(side):
    found = verify_fix(side(GROWING), side([10, 12, 14, 16, 18, 20], start=3600))
    assert found["verdict"].tolist() == ["still grows", "still grows"]
    assert "By id, 10 came and 0 went after." in found["sentence"].iloc[1]


def test_three_flat_dumps_are_not_flat(side):
    found = verify_fix(side(GROWING), side([10, 10, 10], start=3600))
    assert found["verdict"].tolist() == ["undecided", "undecided"]
    assert "3 dumps after: a rate needs 5. Take 2 more." in total(found)["sentence"]


def test_ids_decide_with_three_dumps_far_apart(side):
    """100 would have stayed of those born in the first ten minutes; none did, so at most 3 were to be expected."""
    found = verify_fix(side(GROWING), side([10, 10, 10], step=600, start=3600, turnover=1000, leave=True))
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert "Of those born in the first half none is there at the end, 100 by the old rate." in found["sentence"].iloc[1]
    assert "What grew before does not grow after: main.ack [chan receive]." in total(found)["sentence"]
    same = verify_fix(side(GROWING), side([10, 10, 10], step=600, start=3600, turnover=1000))
    assert same["verdict"].tolist() == ["fixed", "fixed"], "who was there in the first dump was not born since"
    kept = verify_fix(side(GROWING), side([10, 60, 110], step=600, start=3600, turnover=1000))
    assert kept["verdict"].tolist() == ["still grows", "still grows"]


def test_a_noisy_course_says_how_many_more_dumps(side):
    noisy = [10, 60, 5, 70, 20, 50, 8, 66]
    found = verify_fix(side(GROWING), side(noisy, start=3600, ids=False))
    assert groups(found)["verdict"].tolist() == ["undecided"]
    assert "is not excluded, and fixed means less than 120, 20 % of the old rate" in found["sentence"].iloc[1]
    assert "more at the same pace would decide" in found["sentence"].iloc[1]


def test_a_slow_leak_needs_time_not_dumps(side):
    """At 12 per hour 15 take 75 minutes; 5 of them have passed."""
    slow = side([10, 11, 12, 13, 14, 15], step=300)
    found = verify_fix(slow, side(FLAT, start=7200))
    assert groups(found)["verdict"].tolist() == ["undecided"]
    assert "would have added only 1 in that time: watch for 70.0 minutes more" in found["sentence"].iloc[1]
    assert groups(verify_fix(slow, side(FLAT, start=7200, step=960, turnover=320)))["verdict"].tolist() == ["fixed"]


@pytest.mark.parametrize(
    ("change", "high", "fewest", "flat"),
    [(0, 19.0, 5, True), (0, 20.0, 5, False), (0, 19.0, 4, False), (20, 19.0, 5, False), (19, 19.0, 5, True)],
)
def test_flat_is_below_a_fifth_of_the_old_rate(change, high, fewest, flat):
    """The old rate is 100 per hour, and one hour was watched."""
    course = Course(1, fewest, fewest, 1.0, 10, 10 + change, 0.0, -5.0, high)
    assert is_flat(course, 100.0) is flat


@pytest.mark.parametrize(("hours", "flat"), [(0.16, True), (0.14, False)])
def test_flat_takes_as_long_as_fifteen_would_have_taken(hours, flat):
    assert is_flat(Course(1, 9, 9, hours, 10, 10, 0.0, 0.0, 0.0), 100.0) is flat


def test_a_step_is_not_flat(side):
    """The slope of a step may be small; what it gained is not."""
    found = verify_fix(side(GROWING), side([10] * 6 + [40] * 2, start=3600, ids=False))
    assert groups(found)["verdict"].tolist() == ["undecided"]


@pytest.mark.parametrize(("turnover", "verdict"), [(100, "fixed"), (60, "fixed"), (40, "undecided"), (10, "undecided")])
def test_without_load_flat_proves_nothing(side, turnover, verdict):
    """Before, 99 came and went per minute, less 10 that remained: 90 of 99 in 5 intervals make 5,340 per hour."""
    found = verify_fix(side(GROWING), side(FLAT, start=3600, turnover=turnover))
    assert total(found)["verdict"] == verdict
    assert ("Repeat under the same load" in total(found)["sentence"]) == (verdict == "undecided")


def test_what_remains_is_no_turnover(side):
    """Of 130 ids before 50 remain: 80 came and went, and 60 after are more than half of that."""
    found = verify_fix(side(GROWING, turnover=26), side(FLAT, start=3600, turnover=12))
    assert found["verdict"].tolist() == ["fixed", "fixed"]


def test_goroutines_of_the_group_itself_are_load_enough(side):
    """Fewer ids are used, but those of the group are born as often as before."""
    before = side(GROWING, turnover=1000)
    after = side(FLAT, start=3600, turnover=100, leave=True)
    assert groups(verify_fix(before, after))["verdict"].tolist() == ["fixed"]
    assert "By id, 50 came and 50 went after." in verify_fix(before, after)["sentence"].iloc[1]


@pytest.mark.parametrize(
    ("readers", "alive", "verdict"),
    [(10, True, "fixed"), (2, True, "undecided"), (0, True, "undecided"), (0, False, "fixed")],
)
def test_a_service_may_be_busy_with_something_else(dataset, readers, alive, verdict):
    """main.accept starts main.ack and main.read; if it is not there after, it may have another name."""

    def with_readers(counts, start, born, *, accept):
        rows, snapshots = shots(counts, start=start)
        for number, shot in enumerate(snapshots):
            here = {"snapshot_id": shot["snapshot_id"]}
            rows += [
                {
                    **here,
                    "function": "main.read",
                    "goroutine_id": 1050 + 100 * number + one,
                    "created_by": "main.accept",
                }
                for one in range(born)
            ]
            rows += [{**here, "function": "main.accept", "goroutine_id": 2}] if accept else []
        acks = [{**row, "created_by": "main.accept"} if row["function"] == "main.ack" else row for row in rows]
        return dataset(acks, snapshots=snapshots)

    before = with_readers(GROWING, 0, 10, accept=True)
    after = with_readers([0] * 6, 3600, readers, accept=alive)
    found = verify_fix(before, after)
    assert found["verdict"].tolist() == [verdict, verdict]
    said = f"main.accept started {5 * readers} others after, 50 before" in found["sentence"].iloc[1]
    assert said == (verdict == "undecided")


def test_counted_forms_tell_the_counts_and_not_the_load(side):
    sides = [side(counts, start=start, form="debug=1", ids=False) for start, counts in ((0, GROWING), (3600, FLAT))]
    found = verify_fix(*sides)
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert pd.isna(found["before_arrivals"].iloc[1])
    assert "Whether the load was the same, these dumps cannot tell" in total(found)["sentence"]
    assert verify_fix(*sides, by="state")["user_function"].tolist()[1:] == ["main.ack"]


def test_a_change_of_form_is_no_fix(side):
    """debug=1 has neither states nor creators, so that the groups of both sides go by their functions alone."""
    found = verify_fix(side(GROWING), side(GROWING, start=3600, form="debug=1", ids=False))
    assert found["verdict"].tolist() == ["still grows", "still grows"]


def test_moved_lines_are_the_same_group(side):
    found = verify_fix(side(GROWING, line=233), side(FLAT, start=3600, line=240))
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert found["user_location"].iloc[1] == "/app/main.go:240"


def test_one_dump_on_each_side_decides_nothing(side):
    found = verify_fix(side([60]), side([10], start=3600))
    assert found["verdict"].tolist() == ["undecided"]
    sentence = total(found)["sentence"]
    assert sentence.startswith("The total was 61 before (1 dump), and was 11 after (1 dump): undecided.")
    assert "1 dump after: a rate needs 5. Take 4 more." in sentence


def test_growth_in_no_time_has_no_rate(side):
    found = verify_fix(side(GROWING, step=0), side(FLAT, start=3600))
    assert set(found["verdict"]) == {"undecided"}
    assert "there is no rate to compare with" in found["sentence"].iloc[1]


def test_no_dumps_after_decide_nothing(side, dataset):
    found = verify_fix(side(GROWING), dataset([], snapshots=[]))
    assert set(found["verdict"]) == {"undecided"}
    assert "was not seen after (0 dumps)" in total(found)["sentence"]
    assert verify_fix(dataset([], snapshots=[]), dataset([], snapshots=[]))["verdict"].tolist() == ["undecided"]


def test_flat_on_both_sides_is_nothing_to_fix(side):
    found = verify_fix(side(FLAT), side(FLAT, start=3600))
    assert found["verdict"].tolist() == ["flat"]
    assert "There is nothing to fix" in total(found)["sentence"]


def test_what_grows_only_after_is_new(side):
    found = verify_fix(side(FLAT), side(GROWING, start=3600))
    assert found["verdict"].tolist() == ["new growth", "new growth"]
    traded = verify_fix(side(GROWING), side(GROWING, start=3600, function="main.other"))
    assert traded["verdict"].tolist() == ["new growth", "fixed", "new growth"]
    assert "something else grows. main.other [chan receive]: new growth." in total(traded)["sentence"]


def test_warming_up_to_the_number_before_is_not_new(side):
    found = verify_fix(side([60] * 6), side(GROWING, start=3600))
    assert groups(found).empty


def test_load_that_rises_after_is_told_from_a_leak(side):
    """It grows by 600 per hour, but who was born in the first two minutes has left."""
    found = verify_fix(side(GROWING), side(GROWING, start=3600, turnover=200, leave=True))
    assert groups(found)["verdict"].tolist() == ["undecided"]
    assert "of those born in the first half none is there at the end: that is load" in found["sentence"].iloc[1]


def test_what_leaked_before_may_remain(side):
    """Fixed without a restart, by a switch: the old ones are there for ever, and no new ones come."""
    found = verify_fix(side(GROWING), side([60] * 6, start=3600))
    assert found["verdict"].tolist() == ["fixed", "fixed"]


def test_groups_decide_where_the_total_is_noisy(side):
    """The pollers, without ids, come and go by hundreds."""
    after = side([10] * 8, start=3600, extra=[0, 300, 20, 250, 10, 310, 5, 200])
    found = verify_fix(side(GROWING), after)
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert "What grew before does not grow after: main.ack [chan receive]." in total(found)["sentence"]


def test_a_total_is_not_fixed_while_its_groups_are_open(side):
    """Pollers fall as main.ack is growing no more for sure: too few of its ids to tell."""
    found = verify_fix(side([10, 11, 12, 13, 14, 15], extra=[0, 1, 2, 3, 4, 5]), side(FLAT, start=3600))
    assert total(found)["verdict"] == "undecided"


def test_processes_are_added_up(fleet):
    found = verify_fix(fleet(GROWING, GROWING), fleet(FLAT, FLAT, start=3600))
    ack = found.iloc[1]
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert (ack["before_rate_per_hour"], ack["before_processes"], ack["expected"]) == (pytest.approx(1200), 2, 100)
    assert "(12 dumps of 2 processes in 5.0 minutes)" in ack["sentence"]


def test_one_process_that_grows_is_enough(fleet):
    found = verify_fix(fleet(GROWING, GROWING, FLAT), fleet(FLAT, FLAT, [10, 11, 13, 15, 18, 22], start=3600))
    assert found["verdict"].tolist() == ["still grows", "still grows"]


def test_one_process_after_is_compared_with_one_before(fleet):
    """Of two processes one was captured after: it must not count as half of the load, nor be due twice the growth."""
    found = verify_fix(fleet(GROWING, GROWING), fleet(FLAT, start=3600))
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert found["expected"].tolist() == [pytest.approx(50), pytest.approx(50)]


def test_after_a_restart_the_last_run_counts(dataset, side):
    """Ids that begin anew, with many new ones, are another process."""
    rows, snapshots = shots([200, 300, 400, 500, 600, 700], turnover=1000)
    again = shots(GROWING, start=1200, first_id=100)
    again[0].extend(
        {"snapshot_id": shot["snapshot_id"], "function": "main.pool", "goroutine_id": 10 + place}
        for shot in again[1]
        for place in range(30)
    )
    before = dataset([*rows, *again[0]], snapshots=[*snapshots, *again[1]])
    found = verify_fix(before, side(FLAT, start=3600))
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert found["before_snapshots"].tolist() == [6, 6]
    assert found["before_rate_per_hour"].iloc[1] == pytest.approx(600)
    assert "It was restarted before: only the last run counts." in total(found)["sentence"]


def test_dumps_that_are_cut_or_untimed_do_not_count(side):
    after = side([*FLAT, 3, 99], start=3600)
    snapshots = after.snapshots.copy()
    snapshots.loc[6, "truncated"] = True
    snapshots.loc[7, "captured_at"] = pd.NaT
    found = verify_fix(side(GROWING), replace(after, snapshots=snapshots))
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    assert found["after_snapshots"].tolist() == [6, 6]
    assert "1 dump after cut short: not used for the groups." in total(found)["sentence"]
    assert "1 dump after without a time: not used." in total(found)["sentence"]


def test_swapped_sides_are_said(side):
    found = verify_fix(side(GROWING, start=3600), side(FLAT))
    assert "Careful: the dumps after are older than those before. Are the sides swapped?" in total(found)["sentence"]


def test_the_same_dumps_twice_are_said(side):
    same = side(GROWING)
    found = verify_fix(same, same)
    assert found["verdict"].tolist() == ["still grows", "still grows"]
    assert "Careful: 6 dumps are on both sides." in total(found)["sentence"]


def test_the_table_has_its_columns(side):
    sides = side(GROWING), side(FLAT, start=3600)
    kept = [one.goroutines.copy() for one in sides]
    found = verify_fix(*sides, by="user_function")
    assert list(found["verdict"].cat.categories) == list(VERDICTS)
    assert found["user_function"].tolist()[1:] == ["main.ack"]
    assert pd.isna(found["user_function"].iloc[0])
    assert str(found["before_rate_low"].dtype) == "Float64"
    for one, before in zip(sides, kept, strict=True):
        pd.testing.assert_frame_equal(one.goroutines, before)


def test_a_missing_column_is_named(side):
    broken = side(FLAT)
    broken = broken.with_goroutines(broken.goroutines.drop(columns="signature"))
    with pytest.raises(gs.MissingColumnError, match="signature"):
        verify_fix(broken, side(FLAT))


def test_the_reference_incident_is_fixed():
    found = gs.verify_fix(gs.read(DATA / "leak"), gs.read(DATA / "fixed"))
    assert found["verdict"].tolist() == ["fixed", "fixed"]
    ack = found.iloc[1]
    assert ack["user_function"] == "main.(*session).ackLoop"
    assert (ack["before_first"], ack["before_last"], ack["after_arrivals"], ack["after_exits"]) == (29, 154, 125, 125)


def test_rates_of_processes_are_added_with_their_intervals():
    """3-4-5: distances of 3 and 4 make one of 5."""
    assert added([(10.0, 7.0, 14.0), (20.0, 16.0, 23.0)]) == (30.0, 25.0, 35.0)
    assert added([(10.0, 7.0, 14.0), (None, None, None)]) == (None, None, None)
    assert added([]) == (0, 0, 0)


@pytest.mark.parametrize(("seen", "limit"), [(0, 2.996), (1, 4.744), (5, 10.513), (20, 29.062)])
def test_poisson_limit(seen, limit):
    """The exact limits, from tables."""
    assert at_most(seen) == pytest.approx(limit, rel=0.02)


def test_two_leaking_runs_of_one_program_are_no_fix(shared_leaks):
    """The second of two recordings of the reference server leaks as the first does."""
    first, second = (read_case(shared_leaks / name) for name in ("c2656d1", "c9358db"))
    found = verify_fix(first, second)
    assert total(found)["verdict"] == "still grows"
    assert "still grows" in set(groups(found)["verdict"])


def read_case(folder):
    seconds = json.loads((folder / "truth.json").read_text("utf-8"))["seconds"]
    with tarfile.open(folder / "dumps.tar.xz") as archive:
        dumps = {member.name: archive.extractfile(member).read() for member in archive if member.name[0] == "t"}
    with TemporaryDirectory() as made:
        for name, content in dumps.items():
            path = Path(made) / name
            path.write_bytes(content)
            taken = 1_790_000_000 + seconds[int(path.stem[1:])]
            os.utime(path, (taken, taken))
        return gs.read(made)
