"""The audit of the real set, in numbers."""

import time

from benchmarks.reference.common import write_reference
from helpers import data


def audit_fer2013(source: str, start: float) -> None:
    """The audit of the real set, in numbers."""
    report = data.audit(sets := data.load(source or None))
    record = {
        "name": "audit_fer2013",
        "what": audit_fer2013.__doc__,
        "command": "make reference NAME=audit_fer2013 DATA=<FER-2013>",
        "data": sets.source,
        "counts": {key: int(value) for key, value in report.counts.items()},
        "classes": {name: part.counts() for name, part in sets.parts.items()},
        "minutes": round((time.monotonic() - start) / 60, 1),
    }
    print(record["counts"], "->", write_reference("audit_fer2013", record).name)
