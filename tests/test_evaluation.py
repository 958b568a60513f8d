"""Scores agree with scikit-learn, intervals with their definitions and with simulation, temperatures are found again."""

import dataclasses
import math
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import binom
from sklearn import metrics

from helpers import CLASSES, evaluation, runs

some = settings(deadline=None, max_examples=40)  # a busy machine is no failure


def outcomes(seed: int, n: int = 300, k: int = 7, factor: float = 1.0, ties: bool = False):
    """Labels sampled from probabilities, and those probabilities with their logits multiplied: T = factor undoes it."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=1.5, size=(n, k))
    if ties:
        logits = logits.round()
    labels = (generator.random((n, 1)) > softmax(logits, axis=1).cumsum(axis=1)).sum(axis=1).clip(max=k - 1)
    return labels, softmax(logits * factor, axis=1)


def cases(least: int = 2, classes: int = 2):
    numbers = st.integers(0, 10**6), st.integers(least, 120), st.integers(classes, 8), st.floats(0.2, 4)
    return st.builds(outcomes, *numbers, ties=st.booleans())


def pair(both: int, only_a: int, only_b: int, neither: int):
    """Two runs with so many images right by both, by one, by none."""
    labels = np.zeros(both + only_a + only_b + neither, int)
    hits = np.repeat([[1, 1, 0, 0], [1, 0, 1, 0]], [both, only_a, only_b, neither], axis=1)
    names = ("trial_1", "trial_2")
    return [runs.Run(name, {}, labels, np.eye(7)[1 - hit]) for name, hit in zip(names, hits, strict=True)]


# Intervals


@some
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_ends_are_the_shares_that_lie_196_standard_errors_away(counts):
    hits, n = counts
    low, high = evaluation.wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    for end in (low, high):
        assert abs(hits / n - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / n), abs=1e-6)


@pytest.mark.parametrize("n", [36, 306])
def test_wilson_covers_the_truth_about_as_often_as_it_says(n):
    ends = np.array([evaluation.wilson(hits, n) for hits in range(n + 1)])
    for truth in (0.1, 0.38, 0.5, 0.93):
        inside = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
        assert 0.93 < binom.pmf(np.arange(n + 1), n, truth)[inside].sum() < 0.975


@pytest.mark.parametrize("hits, n", [(1, 0), (3, 2), (-1, 5)])
def test_impossible_shares_are_refused(hits, n):
    with pytest.raises(ValueError, match=f"{hits} hits of {n} .*0 <= hits <= n"):
        evaluation.wilson(hits, n)


def test_a_share_reads_as_number_and_interval():
    assert evaluation.share(116, 306) == "0.379 [0.327, 0.435]"


def test_bootstrap_is_the_plain_loop():
    values, generator = np.random.default_rng(3).gamma(1.0, size=90), np.random.default_rng(8)
    loop = [np.median(values[generator.integers(0, 90, 90)]) for _ in range(400)]
    found = evaluation.bootstrap(np.median, values, resamples=400, seed=8)
    assert found == pytest.approx(np.quantile(loop, [0.025, 0.975]), abs=1e-12)


def test_bootstrap_covers_the_truth_and_keeps_pairs():
    generator = np.random.default_rng(0)
    samples = [generator.gamma(2.0, size=200) for _ in range(200)]
    found = [evaluation.bootstrap(np.mean, sample, resamples=200, seed=i) for i, sample in enumerate(samples)]
    assert 0.89 <= np.mean([low <= 2.0 <= high for low, high in found]) <= 0.985
    assert evaluation.bootstrap(lambda a, b: (a - b).mean(), samples[0], samples[0] - 0.5) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("arrays, words", [([np.ones(3), np.ones(2)], r"\[3, 2\].*same images"), ([[]], "no image")])
def test_bootstrap_refuses_what_has_no_interval(arrays, words):
    with pytest.raises(ValueError, match=words):
        evaluation.bootstrap(lambda *some: 0.0, *arrays)


def test_one_image_has_no_interval():
    assert np.isnan(evaluation.bootstrap(np.mean, np.ones(1))).all()


# The scores of one run


@some
@given(cases())
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_report_and_roc_agree_with_sklearn(case):
    labels, probabilities = case
    classes, predicted = range(probabilities.shape[1]), probabilities.argmax(axis=1)
    found, curves = evaluation.report(labels, probabilities, resamples=3), evaluation.roc(labels, probabilities)
    wanted = metrics.precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=np.nan)
    for name, right in zip(("precision", "recall", "F1", "images"), wanted, strict=True):
        np.testing.assert_allclose(found.by_class[name], right, atol=1e-9, err_msg=name)
    areas = [
        metrics.roc_auc_score(labels == k, probabilities[:, k]) if 0 < np.sum(labels == k) < len(labels) else np.nan
        for k in classes
    ]
    np.testing.assert_allclose(found.by_class["AUC"], areas, atol=1e-9)
    np.testing.assert_allclose([area for _, _, area in curves.values()], areas, atol=1e-9)
    for false, true, area in curves.values():
        assert np.isnan(area) == (not len(false)) and (
            np.isnan(area) or metrics.auc(false, true) == pytest.approx(area)
        )
    wanted = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "balanced accuracy": metrics.balanced_accuracy_score(labels, predicted),
        "macro F1": np.nanmean(wanted[2]),
        "macro AUC": np.nan if np.isnan(areas).all() else np.nanmean(areas),
    }
    for name, right in wanted.items():
        assert found.overall.value[name] == pytest.approx(right, abs=1e-9, nan_ok=True), name
    assert found.overall.value["accuracy"] <= found.overall.value["top 2"] <= found.overall.value["top 3"] <= 1
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(labels, predicted, labels=classes))


@some
@given(st.builds(outcomes, st.integers(0, 10**6), st.integers(5, 80), st.integers(4, 8)))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_top_k_agrees_with_sklearn(case):
    found, classes = evaluation.report(*case, resamples=2).overall.value, range(case[1].shape[1])
    for k in (2, 3):
        assert found[f"top {k}"] == pytest.approx(metrics.top_k_accuracy_score(*case, k=k, labels=classes), abs=1e-9)


def test_intervals_are_those_of_a_loop_over_sklearns_scores():
    labels, probabilities = outcomes(1, n=150)
    found, options = evaluation.report(labels, probabilities, resamples=60, seed=5), {"resamples": 60, "seed": 5}
    loops = {
        "balanced accuracy": lambda y, p: metrics.balanced_accuracy_score(y, p.argmax(axis=1)),
        "macro F1": lambda y, p: metrics.f1_score(y, p.argmax(axis=1), average="macro"),
        "macro AUC": lambda y, p: metrics.roc_auc_score(np.eye(7)[y], p, average="macro"),
    }
    for name, score in loops.items():
        right = evaluation.bootstrap(score, labels, probabilities, **options)
        assert tuple(found.overall.loc[name, ["low", "high"]]) == pytest.approx(right, abs=1e-9), name
    loops = {
        "F1": lambda y, p: metrics.f1_score(y == 3, p.argmax(axis=1) == 3),
        "AUC": lambda y, p: metrics.roc_auc_score(y == 3, p[:, 3]),
    }
    for name, score in loops.items():
        right = evaluation.bootstrap(score, labels, probabilities, **options)
        assert tuple(found.intervals.loc[name, "happy"]) == pytest.approx(right, abs=1e-9), name


def test_shares_have_wilsons_interval():
    labels, probabilities = outcomes(2)
    found, predicted = evaluation.report(labels, probabilities, resamples=10), probabilities.argmax(axis=1)
    happy, said = labels == 3, predicted == 3
    right = (happy & said).sum()
    low, high = evaluation.wilson(right, happy.sum())
    assert tuple(found.intervals.loc["recall", "happy"]) == (low, high)
    assert tuple(found.intervals.loc["precision", "happy"]) == evaluation.wilson(right, said.sum())
    assert found.by_class["recall 95%"]["happy"] == f"[{low:.3f}, {high:.3f}]"
    for name, hits in {"accuracy": (labels == predicted).sum(), "top 2": found.overall.value["top 2"] * 300}.items():
        assert tuple(found.overall.loc[name, ["low", "high"]]) == evaluation.wilson(round(hits), 300)


def test_what_is_not_defined_is_said_and_left_out_of_the_means():
    labels, probabilities = outcomes(5)
    probabilities[:, 2] = 0  # fear is never predicted
    kept, probabilities = labels != 1, probabilities / probabilities.sum(axis=1, keepdims=True)
    found = evaluation.report(labels[kept], probabilities[kept])
    assert np.isnan(found.by_class.loc["disgust", ["recall", "AUC"]].astype(float)).all()
    assert np.isnan(found.by_class.precision["fear"]) and found.by_class.F1["fear"] == 0
    assert found.overall.value["macro AUC"] == pytest.approx(found.by_class.AUC.drop("disgust").mean())
    assert found.overall.value["balanced accuracy"] == pytest.approx(found.by_class.recall.drop("disgust").mean())
    assert not found.overall.isna().any(axis=None)
    assert "No image of disgust" in found.remark and "Never predicted: fear" in found.remark
    row = next(line for line in str(found).splitlines() if line.startswith("disgust"))
    assert row.split()[2:4] == ["-", "-"] and row.split()[-2:] == ["-", "0"]
    assert "nan" not in f"{found}{found._repr_html_()}".lower()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_handful_of_images_is_scored_without_a_warning(n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "nan" not in str(evaluation.report(*outcomes(7, n=n))).lower()
        evaluation.roc(*outcomes(7, n=n))
        one = evaluation.report(np.full(n, 3), np.full((n, 7), 1 / 7))
    assert list(one.overall.index[one.overall["value"].isna()]) == ["macro AUC"]
    assert n == 1 or list(one.overall.index[one.overall["low"].isna()]) == ["macro AUC"]


def test_names_are_the_expressions_or_numbers():
    assert (
        tuple(evaluation.report(*outcomes(8), resamples=2).by_class.index)
        == CLASSES
        == tuple(evaluation.roc(*outcomes(8)))
    )
    assert list(evaluation.report(*outcomes(8, k=3), resamples=2).by_class.index) == ["0", "1", "2"]


def test_a_reference_run_is_scored_as_its_record_says():
    run = runs.reference("baseline")
    found, scores = evaluation.report(run.labels, run.probabilities, resamples=20).overall.value, run.record["scores"]
    for name in ("accuracy", "macro F1", "balanced accuracy"):
        assert found[name] == pytest.approx(scores[name.lower().replace(" ", "_")], abs=0.003)


def test_a_report_on_publictest_takes_seconds():
    case, began = outcomes(9, n=3589), time.process_time()
    evaluation.report(*case)
    assert time.process_time() - began < 6, "about 0.6 s on an idle core"


GOOD = np.full((3, 7), 1 / 7)
BAD = {
    "2 labels and 3 predictions": ([0, 1], GOOD),
    "0 labels and 0 predictions": (np.array([], int), np.empty((0, 7))),
    "one-hot": (np.eye(7)[:3], GOOD),
    "labels are float": ([0.0, 1.0, 2.0], GOOD),
    "classes 0 to 6": ([0, 1, 7], GOOD),
    "labels run from -1": ([0, 1, -1], GOOD),
    "one column per class": ([0, 1, 2], GOOD[:, 0]),
    "not predicted classes": ([0, 1, 2], np.ones((3, 7), int)),
    "1 predictions are not finite, the first that of image 1": ([0, 1, 2], GOOD * [[1], [np.nan], [1]]),
    "image 0 .* softmax": ([0, 1, 2], GOOD * 3),
    "negative": ([0, 1, 2], np.tile([1.5, -0.5, 0, 0, 0, 0, 0], (3, 1))),
}


@pytest.mark.parametrize("words", BAD)
def test_what_cannot_be_scored_is_refused(words):
    for score in ("report", "roc", "reliability", "ece", "temperature", "nll", "brier"):
        with pytest.raises(ValueError, match=words):
            getattr(evaluation, score)(*BAD[words])


def test_half_precision_and_lists_are_taken():
    labels, probabilities = outcomes(11)
    half = evaluation.report(labels.astype(np.uint8), probabilities.astype(np.float16), resamples=2)
    plain = evaluation.report(labels.tolist(), probabilities.tolist(), resamples=2)
    np.testing.assert_allclose(half.overall.value, plain.overall.value, atol=0.01)


# Two runs on the same images


@some
@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_adds_up_the_outcomes_that_are_no_likelier(b, c):
    ways = [math.comb(b + c, i) for i in range(b + c + 1)]  # exact: Python's integers
    assert evaluation.mcnemar(b, c) == pytest.approx(sum(way for way in ways if way <= ways[b]) / 2 ** (b + c))


@pytest.mark.parametrize("b, c, p", [(4, 3, 1.0), (0, 5, 0.0625), (1, 7, 18 / 256), (0, 0, 1.0), (10, 10, 1.0)])
def test_mcnemar_by_hand(b, c, p):
    assert evaluation.mcnemar(b, c) == pytest.approx(p, rel=1e-9)


@some
@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_a_comparison_counts_and_turns_with_the_order(counts):
    a, b = pair(*counts)
    there, back = evaluation.compare(a, b), evaluation.compare(b, a)
    assert (there.both, there.only_a, there.only_b, there.neither) == counts and there.n == sum(counts)
    assert there.difference == -back.difference == pytest.approx((counts[2] - counts[1]) / sum(counts), abs=1e-12)
    assert there.low - 1e-9 <= there.difference <= there.high + 1e-9
    assert (there.only_a, there.only_b) == (back.only_b, back.only_a)
    assert there.p == back.p == evaluation.mcnemar(counts[1], counts[2])


def test_the_interval_of_a_difference_is_the_paired_bootstrap():
    a, b = pair(900, 260, 340, 500)
    gain = evaluation.bootstrap(
        lambda y, p, q: (q == y).mean() - (p == y).mean(), a.labels, a.predicted, b.predicted, resamples=4000
    )
    found = evaluation.compare(a, b)
    assert (found.low, found.high) == pytest.approx(gain, abs=0.003)


def test_the_interval_of_a_difference_covers_the_truth():
    generator, shares = np.random.default_rng(0), [0.3, 0.15, 0.25, 0.3]
    found = [evaluation.compare(*pair(*generator.multinomial(300, shares))) for _ in range(200)]
    assert 0.92 <= np.mean([one.low <= 0.1 <= one.high for one in found]) <= 0.98


def test_a_comparison_in_words_never_says_equal():
    trials, clear = (str(evaluation.compare(*pair(*counts))) for counts in ((113, 3, 4, 186), (100, 10, 60, 136)))
    for words in (
        "same 306 images",
        "trial_1 is right 116 times",
        "trial_2 117",
        "+0.003",
        "p = 1.000",
        "no difference",
    ):
        assert words in trials
    assert "p < 0.001" in clear and "no difference" not in clear and "equal" not in trials + clear
    a, b = pair(5, 3, 2, 4)
    text = str(evaluation.compare(a, dataclasses.replace(b, name="trial_1")))
    assert "the first run is right 8 times and the second run 7" in text


def test_runs_on_other_images_are_refused():
    a, b = pair(5, 3, 2, 4)
    one, two = (dataclasses.replace(run, record={"test": digest}) for run, digest in ((a, "abc"), (b, "abd")))
    others = {
        "14 images, the other 13": (a, dataclasses.replace(b, labels=b.labels[1:])),
        "14 labels 14 differ": (a, dataclasses.replace(b, labels=b.labels + 1)),
        "pixels differ": (one, two),
        "0 images, the other 0": [dataclasses.replace(run, labels=run.labels[:0]) for run in (a, b)],
    }
    for words, (first, second) in others.items():
        with pytest.raises(ValueError, match=f"{words}.* same images"):
            evaluation.compare(first, second)
    assert evaluation.compare(one, b).n == 14, "a reference run has no digest; its labels must do"


@pytest.mark.parametrize(
    "raw, adjusted",
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # x4, x3, x2, x1 from the smallest; never falling
        ([0.5, 0.6, 0.9], [1, 1, 1]),
        ([0.02, 0.02], [0.04, 0.04]),
        ([], []),
    ],
)
def test_holm_by_hand(raw, adjusted):
    np.testing.assert_allclose(evaluation.holm(raw), adjusted, atol=1e-12)


@some
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms())
def test_holm_lies_between_raw_and_bonferroni_in_any_order(raw, random):
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


# Calibration


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
@given(cases(least=1), st.integers(1, 20))
def test_reliability_and_ece_agree_with_a_plain_loop(case, bins):
    labels, probabilities = case
    table = evaluation.reliability(labels, probabilities, bins)
    assert evaluation.ece(labels, probabilities, bins) == pytest.approx(plain_ece(*case, bins), abs=1e-9)
    assert table.images.sum() == len(labels) and (table.images > 0).all() and not table.isna().any(axis=None)
    hits = (probabilities.argmax(axis=1) == labels).mean()
    assert (table.accuracy * table.images).sum() / len(labels) == pytest.approx(hits, abs=1e-9)
    assert ((table.low <= table.accuracy) & (table.accuracy <= table.high)).all()


def test_the_ends_of_calibration():
    sure = np.eye(7)[[0, 1, 2]]
    assert evaluation.ece([0, 1, 2], sure) == 0 and evaluation.ece([1, 2, 3], sure) == 1
    (only,) = evaluation.reliability([0], [[0.5, 0.5]], bins=2).index
    assert 0.5 in only and 0.51 not in only, "a bin contains its upper edge"
    just_above_one = np.array([[np.nextafter(np.float32(1), np.float32(2)), 0]], np.float32)
    assert evaluation.reliability([0], just_above_one).images.sum() == 1
    with pytest.raises(ValueError, match="bins=0"):
        evaluation.ece([0, 1, 2], sure, bins=0)


@some
@given(cases(least=1))
def test_nll_and_brier_agree_with_their_definitions(case):
    labels, probabilities = case
    right = metrics.log_loss(labels, probabilities, labels=range(probabilities.shape[1]))
    assert evaluation.nll(labels, probabilities) == pytest.approx(right, abs=1e-9)
    of_label = probabilities[np.arange(len(labels)), labels]
    right = np.mean((probabilities**2).sum(axis=1) - 2 * of_label + 1)
    assert evaluation.brier(labels, probabilities) == pytest.approx(right, abs=1e-9)


@some
@given(cases(least=1))
def test_no_other_temperature_is_likelier(case):
    labels, probabilities = case
    best = evaluation.nll(labels, evaluation.tempered(probabilities, evaluation.temperature(labels, probabilities)))
    for other in np.geomspace(0.05, 20, 60):
        assert best <= evaluation.nll(labels, evaluation.tempered(probabilities, other)) + 1e-9


@pytest.mark.parametrize("factor", [0.3, 2.0, 4.0])
def test_a_known_temperature_is_found_again_and_calibrates(factor):
    labels, probabilities = outcomes(1, n=20_000, factor=factor)
    T = evaluation.temperature(labels, probabilities)
    assert pytest.approx(factor, rel=0.03) == T
    assert evaluation.temperature(*outcomes(1, n=20_000)) * factor == pytest.approx(T, rel=1e-6)
    for score in (evaluation.ece, evaluation.nll, evaluation.brier):
        assert score(labels, evaluation.tempered(probabilities, T)) < score(labels, probabilities) - 0.02


@some
@given(cases(least=1), st.floats(0.05, 20))
def test_tempering_is_softmax_of_logits_over_T_and_keeps_every_answer(case, T):
    probabilities = case[1].astype(np.float32)
    found = evaluation.tempered(probabilities, T)
    np.testing.assert_array_equal(found.argmax(axis=1), probabilities.argmax(axis=1))
    np.testing.assert_allclose(found, softmax(np.log(probabilities.astype(float)) / T, axis=1), atol=1e-9)


def test_the_search_ends_where_there_is_no_best_temperature():
    sure = softmax(4 * np.eye(7)[[0, 1, 2]], axis=1)
    assert evaluation.temperature([0, 1, 2], sure) == 0.05, "all right: the surer the better"
    assert evaluation.temperature([1, 2, 3], sure) == 20, "all wrong: the less sure the better"


def test_a_probability_that_was_too_small_to_store_is_no_certainty():
    labels, probabilities = outcomes(3, n=400, factor=3.0)
    probabilities[probabilities < 1e-5] = 0
    probabilities[0] = np.eye(7)[labels[0] - 1]
    T = evaluation.temperature(labels, probabilities)
    assert np.isfinite(evaluation.nll(labels, probabilities)) and 2 < T < 6
    assert np.isfinite(evaluation.tempered(probabilities, T)).all()


@pytest.mark.parametrize("T", [0, -1, np.nan, np.inf])
def test_a_temperature_is_above_zero(T):
    with pytest.raises(ValueError, match="above 0"):
        evaluation.tempered(np.full((2, 7), 1 / 7), T)
