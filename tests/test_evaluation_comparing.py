"""McNemar agrees with scipy, Holm with cases done by hand, and runs on other images are not compared."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from helpers import evaluation, runs

some = settings(deadline=None, max_examples=40)  # a busy machine is no failure


def run(name, labels, predicted, **record):
    return runs.Run(name, record, np.asarray(labels), np.eye(7)[np.asarray(predicted)])


def pair(both, only_a, only_b, neither):
    """Two runs with so many images right by both, by one, by none."""
    labels = np.zeros(both + only_a + only_b + neither, int)
    hit_a, hit_b = np.repeat([[1, 1, 0, 0], [1, 0, 1, 0]], [both, only_a, only_b, neither], axis=1)
    return run("trial_1", labels, 1 - hit_a), run("trial_2", labels, 1 - hit_b)


@some
@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_agrees_with_scipy(b, c):
    right = binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    assert evaluation.mcnemar(b, c) == pytest.approx(right, abs=1e-9)
    assert evaluation.mcnemar(b, c) == pytest.approx(evaluation.mcnemar(c, b), abs=1e-9)


@pytest.mark.parametrize("b, c, p", [(4, 3, 1.0), (0, 5, 0.0625), (1, 7, 18 / 256), (0, 0, 1.0), (10, 10, 1.0)])
def test_mcnemar_by_hand(b, c, p):
    assert evaluation.mcnemar(b, c) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("b, c", [(-1, 3), (1.5, 2)])
def test_mcnemar_counts_images(b, c):
    with pytest.raises(ValueError, match="counts images"):
        evaluation.mcnemar(b, c)


@some
@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_the_counts_of_a_comparison(counts):
    found = evaluation.compare(*pair(*counts))
    assert (found.both, found.only_a, found.only_b, found.neither) == counts and found.n == sum(counts)
    assert found.difference == pytest.approx((counts[2] - counts[1]) / sum(counts), abs=1e-12)
    assert found.low <= found.difference + 1e-9 and found.difference - 1e-9 <= found.high
    assert found.p == evaluation.mcnemar(counts[1], counts[2])


def test_the_other_order_turns_the_sign():
    a, b = pair(60, 30, 12, 40)
    there, back = evaluation.compare(a, b), evaluation.compare(b, a)
    assert there.difference == -back.difference < 0 and there.p == back.p
    assert (there.only_a, there.only_b) == (back.only_b, back.only_a)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=0.012)


def test_the_interval_is_the_paired_bootstrap_of_a_plain_loop():
    a, b = pair(900, 260, 340, 500)
    gain = evaluation.bootstrap(
        lambda y, p, q: (q == y).mean() - (p == y).mean(), a.labels, a.predicted, b.predicted, draws=4000
    )
    found = evaluation.compare(a, b)
    assert (found.low, found.high) == pytest.approx(gain, abs=0.003)


def test_the_interval_of_a_difference_covers_the_truth():
    generator, shares = np.random.default_rng(0), [0.3, 0.15, 0.25, 0.3]
    found = [evaluation.compare(*pair(*generator.multinomial(300, shares)), draws=2000) for _ in range(300)]
    assert 0.92 <= np.mean([one.low <= 0.1 <= one.high for one in found]) <= 0.98


def test_the_sentence_never_says_equal():
    trials = str(evaluation.compare(*pair(113, 3, 4, 186)))
    assert trials.count(". ") == 0 and trials.endswith(".")
    for words in ("the same 306 images", "trial_1 is right 116 times", "trial_2 117", "+0.003", "p = 1.000"):
        assert words in trials
    assert "no difference detected" in trials and "models, not methods" in trials and "equal" not in trials
    clear = str(evaluation.compare(*pair(100, 10, 60, 136)))
    assert "no difference" not in clear and "p < 0.001" in clear and "models, not methods" in clear
    twins = evaluation.compare(*pair(100, 0, 0, 206))
    assert "on the very same" in str(twins) and "no difference detected" in str(twins) and twins.p == 1


def test_runs_of_one_name_are_told_apart():
    a, b = pair(5, 3, 2, 4)
    text = str(evaluation.compare(a, dataclasses.replace(b, name="trial_1")))
    assert "the first run is right 8 times and the second run 7" in text


def test_runs_on_other_images_are_refused():
    a, b = pair(5, 3, 2, 4)
    for other, sentence in (
        (run("x", b.labels[1:], b.predicted[1:]), "one run has 14, the other 13"),
        (run("x", b.labels + 1, b.predicted), "14 labels differ"),
    ):
        with pytest.raises(ValueError, match=sentence):
            evaluation.compare(a, other)
    one, two = (run("x", a.labels, a.predicted, test=digest) for digest in ("abc", "abd"))
    with pytest.raises(ValueError, match="pixels differ"):
        evaluation.compare(one, two)
    assert evaluation.compare(one, b).n == 14, "a reference run has no digest; its labels must do"
    with pytest.raises(ValueError, match="no image"):
        evaluation.compare(
            run("x", np.array([], int), np.array([], int)), run("y", np.array([], int), np.array([], int))
        )


def test_reference_runs_are_compared():
    found = evaluation.compare(runs.reference("balance_none"), runs.reference("balance_weighted"))
    assert found.n == 3589 and found.both + found.only_a + found.only_b + found.neither == 3589


@pytest.mark.parametrize(
    "raw, adjusted",
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # x4, x3, x2, x1 from the smallest; never falling
        ([0.02], [0.02]),
        ([0.5, 0.6, 0.9], [1, 1, 1]),
        ([0.02, 0.02], [0.04, 0.04]),
        ([], []),
    ],
)
def test_holm_by_hand(raw, adjusted):
    np.testing.assert_allclose(evaluation.holm(raw), adjusted, atol=1e-12)


@some
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms())
def test_holm_keeps_the_order_and_lies_between_raw_and_bonferroni(raw, random):
    found = evaluation.holm(raw)
    assert (found >= np.array(raw) - 1e-12).all() and (found <= np.minimum(1, np.array(raw) * len(raw)) + 1e-12).all()
    mixed = random.sample(range(len(raw)), len(raw))
    np.testing.assert_allclose(evaluation.holm([raw[i] for i in mixed]), found[mixed], atol=1e-12)


def test_holm_holds_the_rate_of_false_alarms():
    generator = np.random.default_rng(0)
    alarms = [evaluation.holm(generator.random(10)).min() < 0.05 for _ in range(4000)]
    assert 0.04 < np.mean(alarms) < 0.06


@pytest.mark.parametrize("wrong", [[0.5, 1.2], [-0.1], [np.nan], 0.5])
def test_holm_takes_p_values(wrong):
    with pytest.raises(ValueError, match="from 0 to 1"):
        evaluation.holm(wrong)
