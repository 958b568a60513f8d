"""python -m benchmarks.reference NAME DATA [SEED]"""

import sys
import time

from benchmarks.reference import audit, baselines, emotion_net, explaining, transfer, trials
from benchmarks.reference.common import SEED

NAMES = ["audit_fer2013", *baselines.EXPERIMENTS, *trials.TRIALS, "emotion_net", *transfer.EXPERIMENTS, "explaining"]


def main(name: str, source: str, seed: str) -> None:
    """Run the experiment of that name on the real set at `source`."""
    if name not in NAMES:
        raise SystemExit(f"NAME is {name!r}; it must be one of: {', '.join(NAMES)}.")
    if name == "audit_fer2013":
        audit.audit_fer2013(source, time.monotonic())
    elif name in baselines.EXPERIMENTS:
        baselines.run(name, source)
    elif name in trials.TRIALS:
        trials.trial(name, source, int(seed or SEED))
    elif name in transfer.EXPERIMENTS:
        transfer.run(name, source, int(seed or SEED))
    elif name == "explaining":
        explaining.run(source, int(seed or SEED))
    else:
        emotion_net.run(source, int(seed or SEED))


if __name__ == "__main__":
    main(*[*sys.argv[1:], "", "", ""][:3])
