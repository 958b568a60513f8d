"""`make bench`: this course beside the naive way and beside its peers, each comparison in one run; writes build/bench.json.

python -m benchmarks [TOPIC ...]         a topic is a module of this folder, such as loading
"""

import importlib
import json
import pathlib
import pkgutil
import platform
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NOT_TOPICS = {"__main__", "reference"}


def topics() -> list[str]:
    """The modules of this folder that compare something."""
    return sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if module.name not in NOT_TOPICS)


def main(names: list[str]) -> None:
    sys.path.insert(0, str(HERE.parent / "build" / "peers"))
    entries = []
    for topic in names or topics():
        for entry in importlib.import_module(f"benchmarks.{topic}").comparisons():
            entries.append({"topic": topic} | entry)
            mark = {True: "met", False: "NOT met", None: "-"}[entry.get("met")]
            print(
                f"{topic:12} {entry['name']:34} {entry['ours']:>10.4g} {entry['unit']:12} goal {entry['goal']}: {mark}",
                flush=True,
            )
    out = HERE.parent / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "processor": platform.machine(), "when": time.strftime("%Y-%m-%d")}
    out.write_text(json.dumps({"machine": machine, "comparisons": entries}, indent=1) + "\n")
    print(f"{len(entries)} comparisons in build/bench.json")


if __name__ == "__main__":
    main(sys.argv[1:])
