"""Intervals agree with scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from helpers import evaluation


@settings(deadline=None)
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(pair):
    hits, n = pair
    want = binomtest(hits, n).proportion_ci(method="wilson")
    assert evaluation.wilson(hits, n) == pytest.approx((want.low, want.high), abs=1e-9)


@pytest.mark.parametrize("hits, n", [(1, 0), (3, 2), (-1, 5)])
def test_impossible_shares_are_refused_in_a_sentence(hits, n):
    with pytest.raises(ValueError, match="A share needs"):
        evaluation.wilson(hits, n)


def test_share_reads_as_number_and_interval():
    assert evaluation.share(116, 306) == "0.379 [0.327, 0.435]"


def test_bootstrap_covers_the_mean_and_stays_paired():
    values = np.random.default_rng(3).normal(1.0, 1.0, 400)
    low, high = evaluation.bootstrap(np.mean, values)
    error = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - error, abs=0.03) and high == pytest.approx(
        values.mean() + error, abs=0.03
    )
    assert evaluation.bootstrap(lambda a, b: (a - b).mean(), values, values - 0.5) == pytest.approx((0.5, 0.5))
    assert evaluation.bootstrap(np.mean, values) == evaluation.bootstrap(np.mean, values)
    with pytest.raises(ValueError, match="same images"):
        evaluation.bootstrap(np.mean, values, values[:3])
