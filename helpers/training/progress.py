"""One tidy line of progress: rewritten in place in a notebook or a terminal, a line an epoch in a log file."""

import math
import shutil
import sys
import time

import keras
import numpy as np

from .errors import STAYS, TrainingError


class Progress(keras.callbacks.Callback):
    """Shows epoch, speed, loss and scores, and stops at a loss that is no number before anything is kept of it."""

    def __init__(self, line: "Line", name: str, steps: int, epochs: int, every: float = 0.5):
        super().__init__()
        self.line, self.name, self.steps, self.epochs, self.every = line, name, steps, epochs, every
        self.last, self.began, self.epoch, self.before = 0.0, 0.0, 0, ""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.began = epoch + 1, time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        if now - self.last < self.every:
            return
        self.last = now
        self.check(logs)
        left = (now - self.began) / (batch + 1) * (self.steps - batch - 1)
        self.line.show(
            f"{self.head()} · batch {batch + 1}/{self.steps}, {left:.0f} s left of the epoch · {scores(logs)}{self.before}"
        )

    def on_epoch_end(self, epoch, logs=None):
        self.check(logs)
        self.before = f" · val_loss {logs['val_loss']:.3f} before" if "val_loss" in logs else ""
        self.line.log(f"{self.head()} · {time.monotonic() - self.began:.1f} s · {scores(logs)}")

    def head(self) -> str:
        return f"{self.name}: epoch {self.epoch}/{self.epochs}"

    def check(self, logs) -> None:
        """A loss that is not a number ends the run with a sentence."""
        if all(math.isfinite(float((logs or {}).get(key, 0.0))) for key in ("loss", "val_loss")):
            return
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        raise TrainingError(
            f"The loss of {self.name} is no longer a number in epoch {self.epoch}: the weights have run away. Compile with "
            f"a smaller learning rate (now {rate:g}) or with clipnorm=1.0. {STAYS}"
        )


def scores(logs) -> str:
    """'loss 1.234 (val 1.345), accuracy 0.512 (val 0.498)'; a score with one number a class gives its mean."""
    logs = {key: float(np.mean(value)) for key, value in (logs or {}).items()}
    names = [key for key in logs if not key.startswith("val_") and key not in ("loss", "learning_rate")]
    parts = []
    for key in (["loss"] if "loss" in logs else []) + names:
        beside = f" (val {logs[f'val_{key}']:.3f})" if f"val_{key}" in logs else ""
        parts.append(f"{key} {logs[key]:.3f}{beside}")
    return ", ".join(parts)


class Line:
    """A line that is rewritten where that is possible: in a notebook's output, in a terminal; else one an epoch."""

    def __init__(self, on: bool = True):
        self.on, self.kept, self.width = on, [], 0
        self.display = self._notebook() if on else None
        self.terminal = on and self.display is None and sys.stdout.isatty()

    @staticmethod
    def _notebook():
        """A display handle, where this runs in a notebook's kernel."""
        shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
        if shell is None or not hasattr(shell, "kernel"):
            return None
        from IPython.display import display

        return display({"text/plain": ""}, raw=True, display_id=True)

    def show(self, text: str) -> None:
        """In place; in a log file nothing."""
        if self.display is not None:
            self.display.update({"text/plain": "\n".join([*self.kept, text])}, raw=True)
        elif self.terminal:
            text = text[: shutil.get_terminal_size().columns - 1]
            print("\r" + text.ljust(self.width), end="", flush=True)
            self.width = len(text)

    def log(self, text: str) -> None:
        """In place; in a log file a line."""
        if self.on and self.display is None and not self.terminal:
            print(text, flush=True)
        self.show(text)

    def keep(self, text: str) -> None:
        """A line that stays, also where no progress is shown."""
        if self.display is not None:
            self.kept.append(text)
            self.show("")
        else:
            print("\r" * self.terminal + text.ljust(self.width), flush=True)
            self.width = 0

    def close(self) -> None:
        if self.terminal:
            print(flush=True)
