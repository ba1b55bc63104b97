import numpy as np
import pytest

from stance.bootstrap import interval, paired_difference


def share(sums):
    return sums[..., 0] / sums[..., 1]


def coins(n, heads):
    return np.array([[k < heads, 1] for k in range(n)], dtype=np.int64)


def test_interval_of_a_share_is_that_of_the_normal_distribution():
    low, high = interval(coins(400, 100), share, rounds=4000)
    assert (low, high) == pytest.approx((0.25 - 1.96 * 0.02165, 0.25 + 1.96 * 0.02165), abs=0.006)


def test_interval_comes_from_the_seed_and_not_from_the_order():
    counts = coins(60, 20)
    assert interval(counts, share, seed=3) == interval(counts[::-1], share, seed=3)
    assert interval(counts, share, seed=3) != interval(counts, share, seed=4)


def test_large_data_are_drawn_in_pieces():
    low, high = interval(coins(90_000, 45_000), share, rounds=50)
    assert 0.49 < low < 0.5 < high < 0.51


@pytest.mark.parametrize(("heads", "surprising"), [(100, False), (104, False), (140, True)])
def test_difference_is_tested_in_pairs(heads, surprising):
    found = paired_difference(coins(400, 100)[::-1], coins(400, heads), share)
    assert found.value == pytest.approx((heads - 100) / 400)
    assert found.low <= found.value <= found.high
    assert (found.p < 0.05) == surprising


def test_pairs_tell_more_than_two_samples():
    first, second = coins(400, 100), coins(400, 110)  # right wherever the first is, and ten times more
    assert paired_difference(first, second, share).p < 0.01


def test_p_is_never_zero():
    assert paired_difference(coins(50, 0), coins(50, 50), share, rounds=100).p == 0.01
    assert paired_difference(coins(50, 5), coins(50, 5), share).p == 1


def test_different_units_are_refused():
    with pytest.raises(
        ValueError, match=r"counts must be of the same units, got \(3, 2\) and \(4, 2\); score the same"
    ):
        paired_difference(coins(3, 1), coins(4, 1), share)
