import numpy as np
import pandas as pd
import pytest

from gostack_nb.analysis.keys import Coded, columns_for, dense, key_names, number_groups, ranked, typical_rows


def _coded(codes, names):
    return Coded(np.array(codes, dtype=np.int64), pd.Index(names, dtype="str"))


@pytest.mark.parametrize("radix", [10, 2**40])
def test_dense_numbers_the_codes_in_their_order(radix):
    distinct, number = dense(np.array([7, 3, 7, 9]), radix)
    assert distinct.tolist() == [3, 7, 9]
    assert number.tolist() == [1, 0, 1, 2]


def test_groups_of_many_wide_columns_do_not_overflow():
    wide = {f"c{place}": _coded([0, 4999, 0], [f"n{n}" for n in range(5000)]) for place in range(8)}
    groups = number_groups(wide)
    assert groups.size == 2
    assert groups.number.tolist() == [0, 1, 0]
    assert groups.keys["c7"].tolist() == ["n0", "n4999"]


def test_na_is_a_value_like_any_other():
    groups = number_groups({"a": _coded([-1, 0, -1], ["x"])})
    assert groups.count().tolist() == [2, 1]
    assert groups.keys["a"].isna().tolist() == [True, False]


def test_typical_rows_take_the_most_frequent_known_value_first_by_name():
    groups = number_groups({"g": _coded([0, 0, 0, 1, 1, 1, 2], ["g0", "g1", "g2"])})
    column = _coded([0, 1, 1, 1, 0, -1, -1], ["z", "a"])
    assert column.codes[typical_rows(groups, column)].tolist() == [1, 1, -1]


def test_key_names_and_columns():
    assert key_names("normalized_state") == ("state",)
    assert key_names(["state", "normalized_state", "user_location"]) == ("state", "user_location")
    assert "labels" in columns_for(["label:client"])
    assert "label:client" not in columns_for(["label:client"])


def test_ranked_puts_the_first_criterion_first():
    table = pd.DataFrame({"a": [1, 0, 1], "b": [2, 3, 1]})
    assert ranked(table, -table["a"], table["b"])["b"].tolist() == [1, 2, 3]
