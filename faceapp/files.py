"""The files of the two detectors that are networks: those given, those at hand, or fetched ones."""

from __future__ import annotations

import os
import pathlib

FILES = {"yunet": ("yunet",), "ssd": ("ssd_network", "ssd")}  # names in the course's table of published files


class DetectorError(RuntimeError):
    """A detector that cannot be had here, or a file that is none; `reason` is short, the message says what to do."""

    def __init__(self, reason: str, ways_out: str = ""):
        super().__init__(f"{reason} {ways_out}".strip())
        self.reason = reason


def at_hand(name: str) -> list[pathlib.Path]:
    """The files of a detector that lie here already, each checked."""
    from helpers.pretrained import download  # only here: it brings Keras along, which a cascade does not need

    wanted = [download.PUBLISHED[file] for file in FILES[name]]
    try:
        if not all(download.at_hand(file) for file in wanted):
            raise DetectorError("Its file is not here.", f'faceapp.detector("{name}") fetches it.')
    except download.PretrainedError as problem:
        raise DetectorError(problem.reason) from problem
    return [file.path for file in wanted]


def ready(name: str, files=None) -> list[pathlib.Path]:
    """The files that were given, else those at hand, else fetched ones."""
    from helpers.pretrained import download

    wanted = [download.PUBLISHED[file] for file in FILES[name]]
    if files is None:
        try:
            return [download.fetch(file) for file in wanted]
        except download.PretrainedError as problem:
            raise DetectorError(str(problem)) from problem
    paths = [pathlib.Path(path) for path in ([files] if isinstance(files, (str, os.PathLike)) else files)]
    if len(paths) != len(wanted):
        expected = " and ".join(file.path.name for file in wanted)
        raise DetectorError(f"{name} needs {expected}, in this order; {len(paths)} files were given.")
    if lacking := [path for path in paths if not path.is_file()]:
        raise DetectorError(f"There is no file {lacking[0]}.")
    return paths
