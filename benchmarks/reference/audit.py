"""The audit of the real set, in numbers."""

import time

from benchmarks.reference.common import command, photographs, write_reference
from helpers import data


def run(name: str, source: str, seed: int) -> None:
    """Audit the set, and store the counts; nothing is random, so the seed changes nothing."""
    start = time.monotonic()
    sets = photographs(source, split="usual")
    report = data.audit(sets)
    record = {
        "name": name,
        "what": __doc__,
        "command": command(name),
        "data": sets.source,
        "counts": {key: int(value) for key, value in report.counts.items()},
        "classes": {part: of.counts() for part, of in sets.parts.items()},
        "minutes": round((time.monotonic() - start) / 60, 1),
    }
    print(record["counts"], "->", write_reference(name, record).name)
