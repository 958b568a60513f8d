"""`Turns`: some at a time, a few waiting, not for ever; whoever comes on top is sent away, so that the page never stands still."""

from __future__ import annotations

import contextlib
import threading

from werkzeug.exceptions import ServiceUnavailable


class Turns:
    """`with turns.wait():` holds one of `at_once` turns; 503 where `places` are taken, or the turn does not come in `patience` seconds."""

    def __init__(self, at_once: int, places: int, patience: float, what: str):
        self.turn, self.places = threading.BoundedSemaphore(at_once), threading.BoundedSemaphore(places)
        self.patience, self.what = patience, what

    @contextlib.contextmanager
    def wait(self):
        """Wait for a turn, and hold it."""
        if not self.places.acquire(blocking=False):
            self.refuse()
        try:
            if not self.turn.acquire(timeout=self.patience):
                self.refuse()
            try:
                yield
            finally:
                self.turn.release()
        finally:
            self.places.release()

    def refuse(self) -> None:
        raise ServiceUnavailable(f"Other {self.what} are being made: try again in some seconds.", retry_after=5)
