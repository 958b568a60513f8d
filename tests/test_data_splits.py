"""Splits, balance and weights keep their promises, by index."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import CLASSES
from helpers.data import class_weights, load, oversample, repeats, splits, stratified, undersample
from tests import hostile

LABELS = st.lists(st.integers(0, 6), min_size=1, max_size=200).map(np.array)
FER = {  # what the 2013 set holds of each class, by split: 28,709 / 3,589 / 3,589
    "train": (3995, 436, 4097, 7215, 4965, 4830, 3171),
    "validation": (467, 56, 496, 895, 607, 653, 415),
    "test": (491, 55, 528, 879, 626, 594, 416),
}


def fer(parts=("train", "validation", "test")):
    """The labels and the given splits of the 2013 set, shuffled, without its pictures."""
    labels = np.concatenate([np.repeat(np.arange(7), FER[part]) for part in parts])
    given = np.concatenate([np.full(sum(FER[part]), part) for part in parts])
    order = np.random.default_rng(0).permutation(len(labels))
    return labels[order], given[order]


def counts(labels, index, classes=7):
    return np.bincount(labels[index], minlength=classes).tolist()


@settings(max_examples=80, deadline=None)
@given(labels=LABELS, seed=st.integers(0, 2**32 - 1))
def test_undersampling_keeps_the_smallest_count_of_each(labels, seed):
    index = undersample(labels, seed)
    there = np.unique(labels, return_counts=True)[1]
    assert (np.unique(labels[index], return_counts=True)[1] == there.min()).all()
    assert (np.diff(index) > 0).all(), "in order, none twice"
    assert (index == undersample(labels, seed)).all()


@settings(max_examples=80, deadline=None)
@given(labels=LABELS, to=st.one_of(st.none(), st.integers(1, 300)), seed=st.integers(0, 2**32 - 1))
def test_oversampling_gives_each_class_as_many_as_asked(labels, to, seed):
    index = oversample(labels, to, seed)
    classes, there = np.unique(labels, return_counts=True)
    wanted = there.max() if to is None else to
    assert (np.unique(labels[index], return_counts=True)[1] == wanted).all()
    again = repeats(index)
    assert len(np.unique(index)) == (~again).sum() == np.minimum(there, wanted).sum()
    assert not again[: (~again).sum()].any(), "the repeats come last"
    for c in classes:
        uses = np.unique(index[labels[index] == c], return_counts=True)[1]
        assert uses.max() - uses.min() <= 1, "no picture is repeated much more often than another of its class"


@settings(max_examples=80, deadline=None)
@given(labels=LABELS)
def test_class_weights_make_all_classes_count_alike(labels):
    weights = class_weights(labels)
    total = [weights[int(c)] * n for c, n in zip(*np.unique(labels, return_counts=True), strict=True)]
    np.testing.assert_allclose(total, len(labels) / len(total))


@settings(max_examples=80, deadline=None)
@given(labels=LABELS, share=st.floats(0.01, 0.9), seed=st.integers(0, 2**32 - 1))
def test_a_stratified_cut_is_a_partition_with_the_share_of_each_class(labels, share, seed):
    rest, cut = stratified(labels, share, seed)
    assert sorted([*rest, *cut]) == list(range(len(labels)))
    for c, n in zip(*np.unique(labels, return_counts=True), strict=True):
        got = int((labels[cut] == c).sum())
        assert abs(got - share * n) <= 1 or got == n - 1 or (n == 1 and got == 0)
        assert n == 1 or 1 <= got < n


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.integers(0, 6), min_size=60, max_size=300).map(np.array),
    kinds=st.lists(st.sampled_from(["train", "validation", "test", ""]), min_size=1, max_size=4, unique=True),
    split=st.sampled_from(["usual", "report1", "report2"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_picture_stands_in_two_parts(labels, kinds, split, seed):
    given_ = np.random.default_rng(seed).choice(kinds, len(labels))
    plan = splits.plan(labels, given_, split, seed)
    parts = [plan.train, plan.validation, plan.test]
    together = np.concatenate(parts)
    assert len(np.unique(together)) == len(together)
    if split != "report1":
        assert len(together) == len(labels), "every picture is used"
    again = splits.plan(labels, given_, split, seed)
    assert all((a == b).all() for a, b in zip(parts, (again.train, again.validation, again.test), strict=True))


def test_the_usual_split_and_report_2s():
    labels, given_ = fer()
    usual, second = splits.plan(labels, given_), splits.plan(labels, given_, "report2")
    assert (
        tuple(counts(labels, usual.validation)) == FER["validation"]
        and tuple(counts(labels, usual.test)) == FER["test"]
    )
    assert (second.validation == usual.test).all() and (second.test == usual.validation).all()
    assert "PublicTest tests" in second.remark and usual.remark == ""


def test_report_1_is_balanced_and_its_test_is_not_stratified():
    labels, given_ = fer()
    plan = splits.plan(labels, given_, "report1", 0)
    assert [len(plan.train), len(plan.validation), len(plan.test)] == [2440, 306, 306]
    whole = np.concatenate([plan.train, plan.validation, plan.test])
    assert counts(labels, whole) == [436] * 7 and set(given_[whole]) == {"train"}
    assert len(set(counts(labels, plan.test))) > 2, "unstratified, as published"
    left = np.subtract(436, counts(labels, plan.test))
    assert np.abs(counts(labels, plan.validation) - 306 / 2746 * left).max() < 1, "ours is stratified"
    assert "our choice" in plan.remark and "unstratified" in plan.remark
    assert (splits.plan(labels, given_, "report1", 1).test[:50] != plan.test[:50]).any()


@pytest.mark.parametrize("parts", [("train", "validation"), ("train",)])
def test_report_1_of_the_set_it_used(parts):
    labels, given_ = fer(parts)
    plan = splits.plan(labels, given_, "report1")
    assert len(plan.train) + len(plan.validation) + len(plan.test) == 3052 and len(plan.test) == 306


def three():
    labels, given_ = fer()
    kept = np.isin(labels, [CLASSES.index(name) for name in ("angry", "happy", "sad")])
    return labels[kept], given_[kept]


def test_report_3_as_published_leaks():
    labels, given_ = three()
    plan = splits.plan(labels, given_, "report3", 0)
    assert [len(plan.train), len(plan.validation), len(plan.test)] == [12000, 3000, 3979]
    whole = np.concatenate([plan.train, plan.validation])
    assert [n for n in counts(labels, whole) if n] == [5000] * 3
    copies = np.concatenate([plan.copies["train"], plan.copies["validation"]])
    assert np.bincount(labels[whole][copies], minlength=6)[[0, 3, 5]].tolist() == [1005, 0, 170]
    assert np.isin(plan.validation, plan.train).sum() > 200, "copies of one face on both sides"
    assert set(given_[plan.test]) == {"validation", "test"}


def test_report_3_without_the_leak():
    labels, given_ = three()
    plan = splits.plan(labels, given_, "report3", 0, leak=False)
    assert not np.isin(plan.validation, plan.train).any() and len(np.unique(plan.validation)) == len(plan.validation)
    assert np.bincount(labels[plan.train])[[0, 3, 5]].tolist() == [4000] * 3
    assert np.bincount(labels[plan.validation])[[0, 3, 5]].tolist() == [799, 1000, 966]
    assert plan.copies["train"].sum() == 12000 - len(np.unique(plan.train))


def test_report_3_loaded_marks_and_augments_its_copies(tmp_path):
    source = hostile.class_folders(
        tmp_path, {"train": {"angry": 12, "happy": 40, "sad": 20}, "test": {"angry": 3, "happy": 4, "sad": 3}}
    )
    data = load(source, "report3", per_class=25)
    assert data.classes == ("angry", "happy", "sad") and set(data.train.labels) == {0, 1, 2}
    copies = np.concatenate([data.train.copies, data.validation.copies])
    assert copies.sum() == 13 + 5 and len(data.train) == 60 and len(data.validation) == 15 and len(data.test) == 10
    originals = {name: image for name, image in zip(data.train.names, data.train.images, strict=True)}
    part = data.train
    again = [i for i in np.flatnonzero(part.copies) if (part.names[:i] == part.names[i]).any()]
    assert again and all((part.images[i] != part.images[list(part.names).index(part.names[i])]).any() for i in again)
    assert len(originals) < len(part), "one name, several pictures"
    smaller = load(source, "report3")
    assert len(smaller.train) + len(smaller.validation) == 3 * 28, "5,000 a class, scaled to what there is"


def test_report_1_takes_at_most_so_many_of_each_class_and_never_more_than_there_are():
    labels = np.repeat(np.arange(7), [9, 5, 8, 7, 6, 9, 9])
    for asked, expected in ((3, 3), (None, 5), (50, 5)):
        index = splits.undersample(labels, seed=1, most=asked)
        assert np.bincount(labels[index]).tolist() == [expected] * 7 and (np.diff(index) > 0).all()
