"""Calibration: the table and its error agree with a plain loop, the temperature is found again, no answer changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn import metrics

from helpers import evaluation, runs

some = settings(deadline=None, max_examples=40)  # a busy machine is no failure


def outcomes(seed: int, n: int = 300, k: int = 7, hotter: float = 1.0):
    """Labels drawn from the probabilities themselves; `hotter` then falsifies these: T = hotter undoes it."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=1.5, size=(n, k))
    labels = (generator.random((n, 1)) > softmax(logits, axis=1).cumsum(axis=1)).sum(axis=1).clip(max=k - 1)
    return labels, softmax(logits * hotter, axis=1)


cases = st.builds(outcomes, st.integers(0, 10**6), st.integers(1, 200), st.integers(2, 8), st.floats(0.2, 4))


def plain_ece(labels, probabilities, bins):
    total = 0.0
    for i in range(bins):
        low, high = np.linspace(0, 1, bins + 1)[[i, i + 1]]
        inside = [j for j, p in enumerate(probabilities) if low < max(p) <= high]
        if inside:
            sure = sum(max(probabilities[j]) for j in inside) / len(inside)
            right = sum(np.argmax(probabilities[j]) == labels[j] for j in inside) / len(inside)
            total += len(inside) / len(labels) * abs(sure - right)
    return total


@some
@given(cases, st.integers(1, 20))
def test_ece_agrees_with_a_plain_loop(case, bins):
    assert evaluation.ece(*case, bins=bins) == pytest.approx(plain_ece(*case, bins), abs=1e-9)


@some
@given(cases, st.integers(1, 20))
def test_the_table_adds_up_to_ece_and_to_accuracy(case, bins):
    labels, probabilities = case
    table = evaluation.reliability(labels, probabilities, bins)
    assert table.images.sum() == len(labels) and (table.images > 0).all() and not table.isna().any(axis=None)
    gap = ((table.confidence - table.accuracy).abs() * table.images).sum() / len(labels)
    assert gap == pytest.approx(evaluation.ece(labels, probabilities, bins), abs=1e-9)
    hits = (probabilities.argmax(axis=1) == labels).mean()
    assert (table.accuracy * table.images).sum() / len(labels) == pytest.approx(hits, abs=1e-9)
    for row in table.itertuples():
        wilson = evaluation.wilson(round(row.accuracy * row.images), row.images)
        assert (row.low, row.high) == pytest.approx(wilson, abs=1e-12)


def test_a_sure_net_that_is_right_has_no_calibration_error_and_one_that_is_wrong_has_all():
    sure = np.eye(7)[[0, 1, 2]]
    assert evaluation.ece([0, 1, 2], sure) == 0 and evaluation.ece([1, 2, 3], sure) == 1
    assert list(evaluation.reliability([0, 1, 2], sure).index) == ["0.90-1.00"]
    assert list(evaluation.reliability([0], [[0.5, 0.5]], bins=2).index) == ["0.00-0.50"], "an edge ends its bin"
    with pytest.raises(ValueError, match="at least one bin"):
        evaluation.ece([0, 1, 2], sure, bins=0)


@some
@given(cases)
def test_nll_agrees_with_sklearn_brier_with_its_definition(case):
    labels, probabilities = case
    classes = range(probabilities.shape[1])
    right = metrics.log_loss(labels, probabilities, labels=classes)
    assert evaluation.nll(labels, probabilities) == pytest.approx(right, abs=1e-9)
    truth = [[float(k == label) for k in classes] for label in labels]
    right = np.mean(
        [sum((a - b) ** 2 for a, b in zip(*rows, strict=True)) for rows in zip(probabilities, truth, strict=True)]
    )
    assert evaluation.brier(labels, probabilities) == pytest.approx(right, abs=1e-9)


@some
@given(cases)
def test_no_other_temperature_is_likelier(case):
    labels, probabilities = case
    T = evaluation.temperature(labels, probabilities)
    best = evaluation.nll(labels, evaluation.tempered(probabilities, T))
    for other in np.geomspace(0.05, 20, 60):
        assert best <= evaluation.nll(labels, evaluation.tempered(probabilities, other)) + 1e-9
    if 0.051 < T < 19.9:
        step = 1e-4 * T
        above, below = (evaluation.nll(labels, evaluation.tempered(probabilities, t)) for t in (T + step, T - step))
        assert abs(above - below) / (2 * step) * T < 1e-5, "the slope is 0"


@pytest.mark.parametrize("factor", [0.3, 0.5, 2.0, 4.0])
def test_a_known_temperature_is_found_again(factor):
    T = evaluation.temperature(*outcomes(1, n=20_000, hotter=factor))
    assert pytest.approx(factor, rel=0.03) == T
    as_drawn = evaluation.temperature(*outcomes(1, n=20_000))
    assert pytest.approx(as_drawn * factor, rel=1e-6) == T, "logits times f need T times f, exactly"


def test_temperature_mends_a_net_that_is_too_sure():
    labels, probabilities = outcomes(2, n=5000, hotter=3.0)
    mended = evaluation.tempered(probabilities, evaluation.temperature(labels, probabilities))
    for score in (evaluation.ece, evaluation.nll, evaluation.brier):
        assert score(labels, mended) < score(labels, probabilities) - 0.05


@some
@given(cases, st.floats(0.05, 20))
def test_tempered_probabilities_keep_every_answer_and_their_order(case, T):
    probabilities = case[1].astype(np.float32)
    mended = evaluation.tempered(probabilities, T)
    np.testing.assert_allclose(mended.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_array_equal(mended.argmax(axis=1), probabilities.argmax(axis=1))
    np.testing.assert_allclose(evaluation.tempered(probabilities, 1.0), probabilities, atol=1e-6)


def test_tempering_is_softmax_of_logits_over_T():
    logits = np.random.default_rng(0).normal(size=(50, 7))
    found = evaluation.tempered(softmax(logits, axis=1), 2.5)
    np.testing.assert_allclose(found, softmax(logits / 2.5, axis=1), atol=1e-12)


def test_the_search_ends_where_there_is_no_best_temperature():
    sure = softmax(4 * np.eye(7)[[0, 1, 2]], axis=1)
    assert evaluation.temperature([0, 1, 2], sure) == 0.05, "all right: the surer the better"
    assert evaluation.temperature([1, 2, 3], sure) == 20, "all wrong: the less sure the better"


def test_a_probability_that_was_too_small_to_store_is_no_certainty():
    labels, probabilities = outcomes(3, n=400, hotter=3.0)
    probabilities[probabilities < 1e-5] = 0
    probabilities[0] = np.eye(7)[labels[0] - 1]
    T = evaluation.temperature(labels, probabilities)
    assert np.isfinite(evaluation.nll(labels, probabilities)) and 2 < T < 6
    assert np.isfinite(evaluation.tempered(probabilities, T)).all()


@pytest.mark.parametrize("T", [0, -1, np.nan, np.inf])
def test_a_temperature_is_above_zero(T):
    with pytest.raises(ValueError, match="above 0"):
        evaluation.tempered(np.full((2, 7), 1 / 7), T)


def test_a_reference_run_is_calibrated_by_its_temperature():
    run = runs.reference("baseline")
    T = evaluation.temperature(run.labels, run.probabilities)
    mended = evaluation.tempered(run.probabilities, T)
    assert evaluation.nll(run.labels, mended) <= evaluation.nll(run.labels, run.probabilities) + 1e-12
    np.testing.assert_array_equal(mended.argmax(axis=1), run.predicted)
