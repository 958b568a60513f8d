"""Intervals agree with scipy, reference runs agree with themselves, networks have the published sizes."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from helpers import CLASSES, evaluation, models, runs


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


def test_baseline_has_the_published_parameters_and_gives_probabilities():
    net = models.build("baseline")
    assert net.count_params() == 1_199_495
    assert type(net).__name__ == "Functional"
    probabilities = net(np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype("uint8")).numpy()
    assert probabilities.shape == (3, 7)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    with pytest.raises(ValueError, match="baseline"):
        models.build("no_such_net")


@pytest.mark.parametrize("name", runs.references())
def test_reference_records_agree_with_their_predictions(name):
    record = runs.record(name)
    assert record["name"] == name and "make reference NAME=" in record["command"]
    if "scores" not in record:
        return
    run = runs.reference(name)
    assert run.probabilities.shape == (len(run.labels), len(CLASSES)) and len(run.labels) == record["scores"]["images"]
    np.testing.assert_allclose(run.probabilities.sum(axis=1), 1, atol=0.01)
    assert (run.predicted == run.labels).mean() == pytest.approx(record["scores"]["accuracy"], abs=0.002)
    assert np.array(record["scores"]["confusion"]).sum() == len(run.labels)


def test_references_of_the_first_notebooks_are_there():
    treatments = {f"balance_{name}" for name in ("none", "undersampled", "oversampled", "weighted")}
    assert {"audit_fer2013", "baseline"} | treatments <= set(runs.references())
    labels = [tuple(runs.reference(name).labels) for name in treatments]
    assert len(set(labels)) == 1, "the treatments are compared on the same images"
    assert len(json.dumps(runs.record("baseline"))) < 50_000


def test_unknown_reference_names_those_that_exist():
    with pytest.raises(FileNotFoundError, match="audit_fer2013"):
        runs.record("no_such_run")


def test_reference_round_trip(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "REFERENCE", tmp_path)
    probabilities = np.eye(7, dtype=np.float32)[[1, 2, 3]]
    runs.write_reference("try", {"name": "try"}, np.array([1, 2, 4]), probabilities)
    run = runs.reference("try")
    assert run.predicted.tolist() == [1, 2, 3] and run.labels.tolist() == [1, 2, 4] and runs.references() == ["try"]
