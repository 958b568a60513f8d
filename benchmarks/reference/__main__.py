"""python -m benchmarks.reference NAME DATA [SEED]"""

import sys

from benchmarks.reference import (
    agreement,
    audit,
    baselines,
    emotion_net,
    equal_epochs,
    explaining,
    leaks,
    probes,
    report_2,
    report_5,
    seeds,
    three_emotions,
    transfer,
    trials,
)
from benchmarks.reference.common import SEED

EXPERIMENTS = {
    "audit_fer2013": audit.run,
    "label_agreement": agreement.run,
    **dict.fromkeys(baselines.EPOCHS, baselines.run),
    **dict.fromkeys(trials.TRIALS, trials.run),
    "trial_seeds": seeds.run,
    **dict.fromkeys(equal_epochs.LENGTHS, equal_epochs.run),
    "emotion_net": emotion_net.run,
    **dict.fromkeys(transfer.NAMES, transfer.run),
    "explaining": explaining.run,
    **dict.fromkeys(leaks.NAMES, leaks.run),
    **dict.fromkeys(probes.NAMES, probes.run),
    **dict.fromkeys(report_2.NAMES, report_2.run),
    **dict.fromkeys(report_5.NAMES, report_5.run),
    **dict.fromkeys(three_emotions.NAMES, three_emotions.run),
}


def main(name: str, source: str, seed: str) -> None:
    """Run the experiment of that name on the real set at `source`."""
    if name not in EXPERIMENTS:
        raise SystemExit(f"NAME is {name!r}; it must be one of: {', '.join(EXPERIMENTS)}.")
    EXPERIMENTS[name](name, source, int(seed or SEED))


if __name__ == "__main__":
    main(*[*sys.argv[1:], "", "", ""][:3])
