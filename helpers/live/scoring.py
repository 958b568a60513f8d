"""What a timeline is worth: its segments against the true sequence, and the figure of its confidences over time."""

from __future__ import annotations

import pandas as pd

from helpers import CLASSES


def with_truth(table: pd.DataFrame, script, intensity: float = 1.0) -> pd.DataFrame:
    """The timeline with a known sequence beside it: (emotion, seconds) pairs, one after the other, as a clip's script."""
    ends, names, end = [], [], 0.0
    for emotion, seconds in script:
        if emotion not in CLASSES or not float(seconds) > 0:
            raise ValueError(
                f"({emotion!r}, {seconds!r}) is no scene: give one of {', '.join(CLASSES)} and its seconds."
            )
        end += float(seconds)
        ends.append(end)
        names.append(emotion)
    places = pd.Series(ends).searchsorted(table["time"].to_numpy(), side="right")
    truth = [names[i] if i < len(names) else None for i in places]
    found = table.assign(truth=pd.Series(truth, index=table.index, dtype=object), intensity=intensity)
    found.attrs = dict(table.attrs)
    return found


def main_face(table: pd.DataFrame) -> pd.DataFrame:
    """One row a frame: its largest face, or the row that says that there is none."""
    area = (table["w"] * table["h"]).astype("float64").fillna(-1)
    best = area.groupby(table["frame"]).idxmax()
    return table.loc[best].reset_index(drop=True)


def segments(table: pd.DataFrame, strong: float = 0.0) -> pd.DataFrame:
    """A row a segment of the true sequence: when, how many frames, in how many a face was found and its label was right.

    A frame without a face counts as wrong. With `strong`, only frames whose true expression is at least that strong
    (0-1) count. Frames of a segment are not independent: the segments are what can be counted, and a clip has few.
    """
    if "truth" not in table:
        raise ValueError("This timeline has no truth: use with_truth(table, [('happy', 3), ...]) first.")
    face = main_face(table)
    number = (face["truth"] != face["truth"].shift()).cumsum()
    found = []
    for _, part in face.groupby(number):
        emotion = part["truth"].iloc[0]
        if emotion is None or pd.isna(emotion):
            continue
        counted = part[part["intensity"] >= strong]
        labels = counted["label"].dropna()
        found.append(
            {
                "truth": emotion,
                "start": part["time"].iloc[0],
                "end": part["time"].iloc[-1],
                "frames": len(counted),
                "found": counted["label"].notna().mean() if len(counted) else float("nan"),
                "accuracy": (counted["label"] == emotion).mean() if len(counted) else float("nan"),
                "confidence": counted[emotion].mean(),
                "label": labels.mode().iloc[0] if len(labels) else None,
            }
        )
    columns = ["truth", "start", "end", "frames", "found", "accuracy", "confidence", "label"]
    return pd.DataFrame(found, columns=columns)
