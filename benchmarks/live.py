"""The live path at 640x480 beside the `fer` package on the same drawn film, and every face detector on the same pictures.

Both sides see the same frames in turns. Beside seconds by the clock stand those of the processor, which other programs on
the machine disturb less. The detectors are judged where the truth is known: the boxes of drawn scenes, one condition
changed at a time, scenes without a face, and photographs that scikit-image brings along: a hundred small ones of faces,
and one of an astronaut.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

import drawn_faces
from benchmarks.training import child, entry
from faceapp.boxes import match_boxes
from faceapp.scoring import HIT

FRAMES = 48
SCENES = 21  # under each condition
USUAL = {"sizes": (130, 180), "yaw": 0, "pitch": 0, "roll": 0, "light_level": 0.9, "glasses": False, "intensity": 1.0}
CONDITIONS = {
    "as usual": {}, "dim light": {"light_level": 0.3}, "dark": {"light_level": 0.1}, "turned 20": {"yaw": 20},
    "turned 40": {"yaw": 40}, "tilted 30": {"roll": 30}, "hand": {"occluder": "hand"}, "object": {"occluder": "object"},
    "far": {"sizes": (48, 60)},
}  # fmt: skip

FILM = f"""
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import drawn_faces
import faceapp
script = [(name, 1.0) for name in ("happy", "surprise", "sad", "angry")]
def filmed(**fixed):
    film = drawn_faces.film(drawn_faces.clip(script, size=192, fps={FRAMES} / 4, **fixed), seed=0)
    return [np.dstack([frame] * 3) for frame in film], film.truth
upright, tilted = filmed(), filmed(roll=30)
predictor = faceapp.Predictor().warm_up()

def ours(every):
    def make():
        predict = faceapp.VideoPredictor(predictor, every=every)
        return lambda k, frame: [(face.emotion, face.box) for face in predict(frame, k / {FRAMES} * 4)]
    return make

def fers():
    def look(k, frame):
        faces = peer.detect_emotions(frame[..., ::-1])  # it takes BGR
        return [(max(face["emotions"], key=face["emotions"].get), face["box"]) for face in faces]
    return look

sides = {{"followed": ours(5), "each frame": ours(1),
         "each whole frame": lambda: lambda k, frame: [(face.emotion, face.box) for face in predictor(frame)]}}
try:
    sys.path.insert(0, "build/peers")
    from fer.fer import FER
    peer = FER(mtcnn=False)
    peer.detect_emotions(upright[0][0])
    sides["fer"] = fers
except Exception as problem:
    print("fer cannot be used here:", problem, file=sys.stderr)

def round_of(make, frames, truth):
    look, answers, took, busy = make(), [], [], []
    for k, frame in enumerate(frames):
        begun, begun_processor = time.perf_counter(), time.process_time()
        faces = look(k, frame)
        took.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - begun_processor))
        answers.append(max(faces, key=lambda face: face[1][2], default=(None, (0, 0, 0, 0))))
    strong = truth["intensity"] > 0.8
    right = np.array([label for label, _ in answers]) == truth["emotion"]
    found = [faceapp.overlap(box, true) > 0.35 for (_, box), true in zip(answers, truth[list("xywh")].to_numpy())]
    return {{"ms": took, "busy": busy, "right": float(right[strong].mean()), "found": float(np.mean(found))}}

rounds = [{{name: round_of(make, *upright) for name, make in sides.items()}} for _ in range(3)]
print(json.dumps([rounds, {{name: round_of(make, *tilted) for name, make in sides.items()}}]))
"""
DETECTORS = """
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, "build/peers")
from benchmarks import live, peers
here, absent = peers.detectors()
print(json.dumps({"measured": live.judged(here), "not measured": absent}))
"""


def judged(detectors: dict, n: int = SCENES) -> dict[str, dict]:
    """What each detector finds under each condition and where no face is, on photographs, and its time at two sizes."""
    scenes = {
        name: [drawn_faces.scene(1, seed=500 + k, **USUAL | changed) for k in range(n)]
        for name, changed in CONDITIONS.items()
    }
    pair = {name: value for name, value in USUAL.items() if name not in ("intensity", "glasses")} | {
        "sizes": (150, 200)
    }
    scenes["two faces"] = [drawn_faces.scene(2, seed=900 + k, **pair) for k in range(n)]
    scenes["no face"] = [drawn_faces.scene(0, seed=1000 + k) for k in range(n)]
    faces, others, astronaut = photographs()
    found = {}
    for name, find in detectors.items():
        seen = {what: counted(find, some) for what, some in scenes.items()}
        found[name] = {
            "by condition": {what: hits for what, (hits, _) in seen.items() if what != "no face"},
            "drawn": sum(len(scene) for some in scenes.values() for scene in some),
            "found": sum(hits for hits, _ in seen.values()),
            "false_alarms": sum(alarms for _, alarms in seen.values()),
            "lfw": sum(bool(find(picture)) for picture in faces),
            "lfw_false": sum(bool(find(picture)) for picture in others),
            "astronaut": len(find(astronaut)),
            "ms": {
                f"{width}x{height}": milliseconds(find, width, height) for width, height in ((320, 240), (640, 480))
            },
        }
    return found


def counted(find, scenes) -> tuple[int, int]:
    """Faces that a detector finds in scenes, and its boxes without one."""
    hits = boxes = 0
    for scene in scenes:
        seen = find(scene.image)
        hits, boxes = hits + len(match_boxes(scene.boxes, seen, HIT)), boxes + len(seen)
    return hits, boxes - hits


def photographs() -> tuple[list, list, np.ndarray]:
    """scikit-image's 100 faces of Labeled Faces in the Wild and 100 pieces without one, enlarged from 25 pixels; an astronaut."""
    import cv2
    from skimage.data import astronaut, lfw_subset

    def enlarged(picture):
        larger = cv2.resize(picture, (200, 200), interpolation=cv2.INTER_CUBIC)
        return cv2.copyMakeBorder(larger, 50, 50, 50, 50, cv2.BORDER_REPLICATE)

    pictures = [enlarged(picture) for picture in np.uint8(255 * lfw_subset())]
    return pictures[:100], pictures[100:], astronaut()


def milliseconds(find, width: int, height: int, times: int = 9) -> dict[str, float]:
    """The median time of a picture in colour with one face, by the clock and of all processors together."""
    scene = drawn_faces.scene(1, width, height, seed=3, **USUAL | {"sizes": (height // 3, height // 3)})
    image, took, busy = np.dstack([scene.image] * 3), [], []
    for _ in range(times + 1):
        begun, begun_processor = time.perf_counter(), time.process_time()
        find(image)
        took.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - begun_processor))
    return {"clock": statistics.median(took[1:]), "processor": statistics.median(busy[1:])}


def absolute(name: str, what: str, unit: str, ours: float, goal, met: bool | None, **said) -> dict:
    """A number that is judged by itself, not beside another's."""
    return {"name": name, "what": what, "unit": unit, "ours": ours, "goal": goal, "judged": "ours", "met": met} | said


def comparisons():
    """Frames a second, tilted heads and right labels beside fer; then what each detector finds, and how fast."""
    rounds, tilted = child(FILM)
    what = f"{FRAMES} frames of 640x480, a face drifting through a scene"
    ways = {
        "followed": ("detection in every 5th frame", 60, 33),
        "each frame": ("detection in every frame, mostly in a small copy", None, None),
        "each whole frame": ("detection in every whole frame, nothing followed", None, None),
    }
    busy = {side: statistics.median(ms for turn in rounds for ms in turn[side]["busy"]) for side in rounds[0]}
    mean_busy = {side: statistics.median(statistics.mean(turn[side]["busy"]) for turn in rounds) for side in rounds[0]}
    for side, (how, least, most) in ways.items():
        times = [ms for turn in rounds for ms in turn[side]["ms"]]
        speed, p95 = 1000 / statistics.mean(times), statistics.quantiles(times, n=20)[-1]
        p95_busy = statistics.quantiles([ms for turn in rounds for ms in turn[side]["busy"]], n=20)[-1]
        said = {"p50": statistics.median(times), "p95": p95, "processor_ms": mean_busy[side], "processor_p50": busy[side],
                "processor_p95": p95_busy, "found": rounds[0][side]["found"], "tilted_found": tilted[side]["found"]}  # fmt: skip
        yield absolute(
            f"live, {side}",
            f"{what}; {how}",
            "frames/s",
            speed,
            least,
            None if least is None else speed >= least,
            **said,
        )
        yield absolute(
            f"live, {side}, p95", f"{what}; {how}", "ms a frame", p95, most, None if most is None else p95 <= most
        )
        print(f"{'':12} {', '.join(f'{name} {value:.3g}' for name, value in said.items())}")
    yield absolute(
        "live, tilted heads found", f"{FRAMES} frames as above, the head tilted by 30 degrees", "share",
        tilted["followed"]["found"], 0.9, tilted["followed"]["found"] >= 0.9,
    )  # fmt: skip
    if "fer" in rounds[0]:
        ratio = statistics.median(
            statistics.mean(turn["fer"]["busy"]) / statistics.mean(turn["followed"]["busy"]) for turn in rounds
        )
        yield entry(
            "live, processor time", what, "ms a frame", mean_busy["followed"], mean_busy["fer"], ratio, 1.0, 0.8, True,
            other_is="fer 25.10.3 with its Haar cascade, every frame", tilted_found_by_other=tilted["fer"]["found"],
            frames_a_second_of_other=1000 / statistics.mean(ms for turn in rounds for ms in turn["fer"]["ms"]),
        )  # fmt: skip
        mine, peer = rounds[0]["followed"], rounds[0]["fer"]
        yield entry(
            "live, right labels", "share of the frames with a strong expression; a frame without a box is wrong", "share",
            mine["right"], peer["right"], mine["right"] / max(peer["right"], 0.01), 1.0, 0.8, True,
            other_is="fer on the same frames", found=mine["found"], found_by_other=peer["found"],
        )  # fmt: skip
    found = child(DETECTORS)
    for name, why in found["not measured"].items():
        print(f"live         detector {name} is not measured: {why}")
    for name, seen in found["measured"].items():
        what = f"{seen['drawn']} drawn faces in scenes of 640x480 and {SCENES} scenes without one"
        yield absolute(f"detector {name}", what, "share found", seen["found"] / seen["drawn"], None, None, **seen)
    print(table(found["measured"]))


def table(measured: dict[str, dict]) -> str:
    """A row a detector: faces found under each condition, all false alarms, photographs, milliseconds of processor."""
    heads = [*CONDITIONS, "two faces", "false", "LFW", "false", "astronaut", "ms 320x240", "ms 640x480"]
    rows = [f"{'':14}" + "".join(f"{head:>11}" for head in heads)]
    for name, seen in measured.items():
        times = [f"{seen['ms'][size]['processor']:.1f}" for size in ("320x240", "640x480")]
        cells = [
            *seen["by condition"].values(),
            seen["false_alarms"],
            seen["lfw"],
            seen["lfw_false"],
            seen["astronaut"],
        ]
        rows.append(f"{name:14}" + "".join(f"{cell!s:>11}" for cell in [*cells, *times]))
    return (
        "\n".join(rows)
        + f"\nof {SCENES} faces each, of {2 * SCENES} where there are two; of 100 photographs with a face and 100 without"
    )
