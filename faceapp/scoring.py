"""What detectors and timelines are worth where the truth is known: boxes of drawn scenes, segments of a true sequence."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from helpers.files import CourseError

from .boxes import match_boxes, overlap
from .detectors import available_detectors, detector

HIT = 0.35  # overlap from which a box counts as the face's: detectors frame a face more or less tightly


def detection_table(scenes, detectors=None) -> pd.DataFrame:
    """A row a detector: faces drawn and found, recall, boxes without a face, milliseconds a picture, overlap with the true boxes.

    scenes     drawn scenes (`drawn_faces.scene`), some of them without a face
    detectors  name -> detector; left out, all that can be had here without a download
    """
    if detectors is None:
        detectors = {name: detector(name) for name, problem in available_detectors().items() if not problem}
    rows = {}
    for name, find in detectors.items():
        find(scenes[0].image)  # the first picture takes longer
        faces = hits = false = 0
        took, busy, shares = [], [], []
        for scene in scenes:
            begun, begun_processor = time.perf_counter(), time.process_time()
            boxes = find(scene.image)
            took.append(1000 * (time.perf_counter() - begun))
            busy.append(1000 * (time.process_time() - begun_processor))
            pairs = match_boxes(scene.boxes, boxes, HIT)
            shares += [overlap(scene.boxes[i], boxes[j]) for i, j in pairs]
            faces, hits, false = faces + len(scene), hits + len(pairs), false + len(boxes) - len(pairs)
        rows[name] = {
            "faces": faces, "found": hits, "recall": hits / faces if faces else float("nan"), "false_alarms": false,
            "ms": float(np.median(took)), "processor_ms": float(np.median(busy)),
            "overlap": float(np.mean(shares)) if shares else float("nan"),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


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
        raise CourseError("This timeline has no truth.", "Take the timeline of a drawn clip.")
    face, found = main_face(table), []
    for _, part in face.groupby((face["truth"] != face["truth"].shift()).cumsum()):
        emotion = part["truth"].iloc[0]
        if pd.isna(emotion):
            continue
        counted = part[part["intensity"] >= strong]
        labels = counted["label"].dropna()
        found.append(
            {
                "truth": emotion,
                "start": part["time"].iloc[0],
                "end": part["time"].iloc[-1],
                "frames": len(counted),
                "found": counted["label"].notna().mean(),
                "accuracy": (counted["label"] == emotion).mean(),
                "confidence": counted[emotion].mean(),
                "label": labels.mode().iloc[0] if len(labels) else None,
            }
        )
    return pd.DataFrame(found)
