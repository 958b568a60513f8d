"""How far labels agree on FER-2013: its own with FER+'s ten annotators, one annotator with the others, and a net with both."""

import numpy as np

from benchmarks.reference.common import command, photographs, write_reference
from helpers import CLASSES, runs

LEVELS = ((2, 4), (5, 6), (7, 8), (9, 10))  # votes for the winner, from and to


def winners(votes: np.ndarray) -> np.ndarray:
    """Which of FER+'s columns wins outright, -1 where none does."""
    ranked = np.sort(votes, axis=1)
    return np.where(ranked[:, -1] > ranked[:, -2], votes.argmax(axis=1), -1)


def share(hits: np.ndarray) -> list[int]:
    """Hits and images, as two numbers: the share and its interval follow from them."""
    return [int(hits.sum()), len(hits)]


def one_against_the_others(votes: np.ndarray) -> list[int]:
    """How often an annotator's word is the one that wins outright among the others; the second number counts such words."""
    hits = words = 0
    for column, word in enumerate(np.eye(votes.shape[1], dtype=votes.dtype)):
        said = votes[votes[:, column] > 0]
        rest = winners(said - word)
        weight = said[:, column] * (rest >= 0)
        hits, words = hits + int(weight[rest == column].sum()), words + int(weight.sum())
    return [hits, words]


def by_level(labels: np.ndarray, votes: np.ndarray, said: np.ndarray) -> dict:
    """For each strength of the annotators' agreement: is the label theirs, does the net give the label, does it give theirs."""
    won, found = winners(votes), {}
    for low, high in LEVELS:
        here = (won >= 0) & (won < len(CLASSES)) & (votes.max(axis=1) >= low) & (votes.max(axis=1) <= high)
        pairs = {"label": (labels, won), "net_label": (said, labels), "net_winner": (said, won)}
        found[f"{low} to {high}"] = {key: share(a[here] == b[here]) for key, (a, b) in pairs.items()}
    return found


def run(name: str, source: str, seed: int) -> None:
    """Count, and store the counts; nothing is random, so the seed changes nothing."""
    sets = photographs(source, split="usual")
    if sets.test.votes is None:
        raise SystemExit("This is about FER+'s votes: put fer2013new.csv beside FER-2013.")
    labels, votes = (np.concatenate([getattr(part, of) for part in sets.parts.values()]) for of in ("labels", "votes"))
    net, won = runs.reference("emotion_net"), winners(votes)
    if net.record["test"] != runs.digest(sets.test.images, sets.test.labels):
        raise SystemExit("emotion_net's reference was made on other pictures.")
    clear = (won >= 0) & (won < len(CLASSES))
    record = {
        "name": name,
        "what": __doc__,
        "command": command(name),
        "data": sets.source,
        "images": len(labels),
        "labels_agree": share(labels[clear] == won[clear]),
        "by_label": {word: share(won[clear & (labels == k)] == k) for k, word in enumerate(CLASSES)},
        "one_annotator": one_against_the_others(votes),
        "privatetest": by_level(sets.test.labels, sets.test.votes, net.predicted),
        "net": {"name": net.name, "finished": net.record["finished"]},
    }
    print({key: record[key] for key in ("labels_agree", "one_annotator", "privatetest")})
    print("->", write_reference(name, record).name)
