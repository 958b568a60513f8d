"""Scores agree with scikit-learn to 1e-9, intervals with plain loops and simulation; what is not defined is said, not hidden."""

import time
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from helpers import CLASSES, evaluation, runs

some = settings(deadline=None, max_examples=40)  # a busy machine is no failure

MEANS = ["balanced accuracy", "macro F1", "macro AUC"]


def faces(seed: int, n: int = 60, k: int = 7, sharpness: float = 1.0, ties: bool = False):
    """Labels and probabilities that know a little about them."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, k, n)
    logits = generator.normal(size=(n, k)) + sharpness * np.eye(k)[labels]
    if ties:
        logits = logits.round()
    powers = np.exp(logits)
    return labels, powers / powers.sum(axis=1, keepdims=True)


cases = st.builds(
    faces, st.integers(0, 10**6), st.integers(1, 80), st.integers(2, 8), st.floats(-1, 4), ties=st.booleans()
)


@some
@given(cases)
def test_report_agrees_with_sklearn(case):
    labels, probabilities = case
    classes, predicted = range(probabilities.shape[1]), probabilities.argmax(axis=1)
    found = evaluation.report(labels, probabilities, draws=3)
    precision, recall, f1, images = metrics.precision_recall_fscore_support(
        labels, predicted, labels=classes, zero_division=np.nan
    )
    for name, right in {"precision": precision, "recall": recall, "F1": f1, "images": images}.items():
        np.testing.assert_allclose(found.by_class[name], right, atol=1e-9, err_msg=name)
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(labels, predicted, labels=classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of scikit-learn, about classes that are absent
        want = {
            "accuracy": metrics.accuracy_score(labels, predicted),
            "balanced accuracy": metrics.balanced_accuracy_score(labels, predicted),
            "macro F1": metrics.f1_score(labels, predicted, average="macro"),
        }
    for name, right in want.items():
        assert found.overall.value[name] == pytest.approx(right, abs=1e-9), name


@some
@given(cases)
def test_auc_and_roc_agree_with_sklearn(case):
    labels, probabilities = case
    found, curves = evaluation.report(labels, probabilities, draws=2), evaluation.roc(labels, probabilities)
    areas = []
    for k, (name, (false, true, area)) in enumerate(curves.items()):
        of = labels == k
        if of.all() or not of.any():
            assert np.isnan(area) and np.isnan(found.by_class.AUC.iloc[k]) and not len(false) and not len(true)
            continue
        areas.append(metrics.roc_auc_score(of, probabilities[:, k]))
        assert found.by_class.AUC[name] == pytest.approx(areas[-1], abs=1e-9)
        assert area == pytest.approx(areas[-1], abs=1e-9)
        assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert found.overall.value["macro AUC"] == pytest.approx(np.mean(areas) if areas else np.nan, abs=1e-9, nan_ok=True)
    if len(areas) == len(curves) > 2:
        right = metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
        assert found.overall.value["macro AUC"] == pytest.approx(right, abs=1e-9)


@some
@given(st.builds(faces, st.integers(0, 10**6), st.integers(5, 80), st.integers(3, 8), st.floats(-1, 4)))
def test_top_k_agrees_with_sklearn(case):
    labels, probabilities = case
    found = evaluation.report(labels, probabilities, draws=2).overall.value
    for k in (2, 3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of scikit-learn: among k of k classes every answer is right
            right = metrics.top_k_accuracy_score(labels, probabilities, k=k, labels=range(probabilities.shape[1]))
        assert found[f"top {k}"] == pytest.approx(right, abs=1e-9)


@some
@given(cases)
def test_top_k_never_falls_and_starts_at_the_accuracy_ties_included(case):
    found = evaluation.report(*case, draws=2).overall.value
    assert found["accuracy"] <= found["top 2"] <= found["top 3"] <= 1


def test_intervals_are_those_of_a_plain_loop():
    labels, probabilities = faces(1, n=150)
    one_hot = np.eye(7)
    loops = {
        "balanced accuracy": lambda y, p: metrics.balanced_accuracy_score(y, p.argmax(axis=1)),
        "macro F1": lambda y, p: metrics.f1_score(y, p.argmax(axis=1), average="macro"),
        "macro AUC": lambda y, p: metrics.roc_auc_score(one_hot[y], p, average="macro"),
    }
    found = evaluation.report(labels, probabilities, draws=60, seed=5)
    for name, score in loops.items():
        right = evaluation.bootstrap(score, labels, probabilities, draws=60, seed=5)
        assert tuple(found.overall.loc[name, ["low", "high"]]) == pytest.approx(right, abs=1e-9), name
    f1 = evaluation.bootstrap(
        lambda y, p: metrics.f1_score(y == 3, p.argmax(axis=1) == 3), labels, probabilities, draws=60, seed=5
    )
    assert tuple(found.intervals.loc["happy", "F1"]) == pytest.approx(f1, abs=1e-9)
    auc = evaluation.bootstrap(
        lambda y, p: metrics.roc_auc_score(y == 3, p[:, 3]), labels, probabilities, draws=60, seed=5
    )
    assert tuple(found.intervals.loc["happy", "AUC"]) == pytest.approx(auc, abs=1e-9)


def test_shares_have_wilsons_interval():
    labels, probabilities = faces(2, n=300)
    found, predicted = evaluation.report(labels, probabilities, draws=10), probabilities.argmax(axis=1)
    hits = int((predicted == labels).sum())
    assert tuple(found.overall.loc["accuracy"]) == pytest.approx((hits / 300, *evaluation.wilson(hits, 300)))
    happy, said = labels == 3, predicted == 3
    right = int((happy & said).sum())
    assert tuple(found.intervals.loc["happy", "recall"]) == evaluation.wilson(right, int(happy.sum()))
    assert tuple(found.intervals.loc["happy", "precision"]) == evaluation.wilson(right, int(said.sum()))
    low, high = evaluation.wilson(right, int(happy.sum()))
    assert found.by_class["recall 95%"]["happy"] == f"[{low:.3f}, {high:.3f}]"
    first = found.overall.loc["top 2", "value"] * 300
    assert tuple(found.overall.loc["top 2", ["low", "high"]]) == evaluation.wilson(round(first), 300)


def test_bootstrap_intervals_cover_the_truth_about_as_often_as_they_say():
    truth = evaluation.report(*faces(0, n=60_000), draws=2).overall.value
    tries = [evaluation.report(*faces(seed, n=250), draws=150).overall for seed in range(1, 121)]
    for name in MEANS:
        covered = np.mean([table.low[name] <= truth[name] <= table.high[name] for table in tries])
        assert 0.89 <= covered <= 0.99, (name, covered)


@some
@given(st.integers(0, 10**6))
def test_swapping_labels_and_predictions_changes_the_result(seed):
    labels, probabilities = faces(seed, n=200)
    predicted = probabilities.argmax(axis=1)
    found = evaluation.report(labels, probabilities, draws=2)
    swapped = evaluation.report(predicted, np.eye(7)[labels], draws=2)
    np.testing.assert_array_equal(found.confusion, swapped.confusion.T)
    np.testing.assert_allclose(found.by_class.precision, swapped.by_class.recall)
    assert not np.allclose(found.by_class.precision, found.by_class.recall)
    assert found.overall.value["accuracy"] == swapped.overall.value["accuracy"]


def test_shares_are_of_the_rows():
    labels, probabilities = faces(3, n=200)
    found = evaluation.report(labels, probabilities, draws=2)
    right = metrics.confusion_matrix(labels, probabilities.argmax(axis=1), normalize="true")
    np.testing.assert_allclose(found.shares, right, atol=1e-12)


def test_the_same_seed_gives_the_same_report_another_another():
    case = faces(4)
    first, again, other = (evaluation.report(*case, seed=seed).overall for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first.low.equals(other.low) and first.value.equals(other.value)


def test_an_absent_class_is_said_and_left_out_of_the_means():
    labels, probabilities = faces(5, n=200)
    kept = labels != 1
    found = evaluation.report(labels[kept], probabilities[kept])
    assert np.isnan(found.by_class.loc["disgust", ["recall", "AUC"]].astype(float)).all()
    assert found.overall.value["macro AUC"] == pytest.approx(found.by_class.AUC.drop("disgust").mean())
    assert found.overall.value["balanced accuracy"] == pytest.approx(found.by_class.recall.drop("disgust").mean())
    assert not found.overall.isna().any(axis=None)
    assert "No image of disgust" in found.remark and "left" not in evaluation.report(labels, probabilities).remark
    row = next(line for line in str(found).splitlines() if line.startswith("disgust"))
    assert row.split()[2:4] == ["-", "-"] and row.split()[-2:] == ["-", "0"]
    assert "nan" not in f"{found}{found._repr_html_()}".lower()
    assert found.shares[1].tolist() == [0] * 7


def test_a_class_that_is_never_predicted_is_said():
    labels, probabilities = faces(6, n=100)
    probabilities[:, 2] = 0
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    found = evaluation.report(labels, probabilities)
    assert "Never predicted: fear" in found.remark
    assert np.isnan(found.by_class.precision["fear"]) and found.by_class.F1["fear"] == 0


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_handful_of_images_is_scored_without_a_warning(n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evaluation.report(*faces(7, n=n))
        assert "nan" not in str(found).lower() and found.confusion.sum() == n
        evaluation.roc(*faces(7, n=n))
        one = evaluation.report(np.full(n, 3), np.full((n, 7), 1 / 7))
    assert one.overall.isna().any(axis=1).to_dict() == {name: name == "macro AUC" for name in one.overall.index}


def test_names_are_the_expressions_or_those_given():
    assert tuple(evaluation.report(*faces(8), draws=2).by_class.index) == CLASSES
    three = faces(8, k=3)
    assert list(evaluation.report(*three, draws=2).by_class.index) == ["0", "1", "2"]
    assert list(evaluation.roc(*three, names=["angry", "happy", "sad"])) == ["angry", "happy", "sad"]
    with pytest.raises(ValueError, match="2 names for the 3 columns"):
        evaluation.report(*three, names=["a", "b"])


def test_a_reference_run_is_scored_as_its_record_says():
    run = runs.reference("baseline")
    found, scores = evaluation.report(run.labels, run.probabilities, draws=20), run.record["scores"]
    assert found.overall.value["accuracy"] == pytest.approx(scores["accuracy"], abs=0.002)
    assert found.overall.value["macro F1"] == pytest.approx(scores["macro_f1"], abs=0.003)
    assert found.overall.value["balanced accuracy"] == pytest.approx(scores["balanced_accuracy"], abs=0.003)


def test_a_report_on_publictest_takes_seconds():
    case = faces(9, n=3589)
    began = time.process_time()
    evaluation.report(*case)
    assert time.process_time() - began < 6, "about 1 s on an idle core"


def test_mistakes_are_wrong_and_the_most_confident_first():
    labels, probabilities = faces(10, n=400)
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    index = evaluation.mistakes(labels, probabilities, n=12)
    assert len(index) == 12 and (predicted[index] != labels[index]).all()
    assert (np.diff(sure[index]) <= 0).all()
    rest = np.setdiff1d(np.flatnonzero(predicted != labels), index)
    assert sure[rest].max() <= sure[index].min()
    assert len(evaluation.mistakes(labels, probabilities, n=10_000)) == (predicted != labels).sum()
    assert len(evaluation.mistakes(predicted, probabilities)) == 0


GOOD = np.full((3, 7), 1 / 7)
BAD = {
    "as many labels": ([0, 1], GOOD),
    "as many labels as predictions: 0": (np.array([], int), np.empty((0, 7))),
    "one whole number an image": (np.eye(7)[:3], GOOD),
    "one whole number an image; got float": ([0.0, 1.0, 2.0], GOOD),
    "classes 0 to 6": ([0, 1, 7], GOOD),
    "Labels run from -1": ([0, 1, -1], GOOD),
    "a column a class": ([0, 1, 2], GOOD[:, 0]),
    "Are these classes": ([0, 1, 2], np.ones((3, 7), int)),
    "are not numbers .nan or infinite., the first that of image 1": ([0, 1, 2], GOOD * [[1], [np.nan], [1]]),
    "take their softmax first": ([0, 1, 2], GOOD * 3),
    "at least 0": ([0, 1, 2], np.tile([1.5, -0.5, 0, 0, 0, 0, 0], (3, 1))),
}


@pytest.mark.parametrize("sentence", BAD)
def test_what_cannot_be_scored_is_refused_in_a_sentence(sentence):
    scores = (evaluation.report, evaluation.roc, evaluation.mistakes, evaluation.reliability, evaluation.ece)
    for score in (*scores, evaluation.temperature, evaluation.nll, evaluation.brier):
        with pytest.raises(ValueError, match=sentence):
            score(*BAD[sentence])


def test_half_precision_and_lists_are_taken():
    labels, probabilities = faces(11)
    half = evaluation.report(labels.astype(np.uint8), probabilities.astype(np.float16), draws=2)
    plain = evaluation.report(labels.tolist(), probabilities.tolist(), draws=2)
    np.testing.assert_allclose(half.overall.value, plain.overall.value, atol=0.01)
