"""One tidy line of progress: rewritten in place in a notebook or a terminal, a line an epoch in a log file."""

import math
import sys
import time

import keras

from .checkpoint import TrainingError


class Progress(keras.callbacks.Callback):
    """Shows epoch, speed, loss and accuracy, and stops at a loss that is no number before anything is kept of it."""

    def __init__(self, name: str, steps: int, epochs: int, show: bool = True, every: float = 0.5):
        super().__init__()
        self.name, self.steps, self.epochs, self.every = name, steps, epochs, every
        self.line = Line() if show else None
        self.last, self.began, self.epoch, self.batch, self.done = 0.0, 0.0, 0, 0, ""

    def on_train_begin(self, logs=None):
        self.say(f"{self.name}: starting ...")

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.began = epoch + 1, time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        now, self.batch = time.monotonic(), batch
        if now - self.last < self.every:
            return
        self.last = now
        self.check(logs)
        left = (now - self.began) / (batch + 1) * (self.steps - batch - 1)
        self.say(
            f"{self.head()} · batch {batch + 1}/{self.steps}, {left:.0f} s left of the epoch · {scores(logs)}{self.done}"
        )

    def on_epoch_end(self, epoch, logs=None):
        self.check(logs)
        took = time.monotonic() - self.began
        self.done = f" · val_loss {logs['val_loss']:.3f}" if "val_loss" in logs else ""
        self.say(f"{self.head()} · {took:.1f} s · {scores(logs)}", end_of_epoch=True)

    def on_train_end(self, logs=None):
        if self.line:
            self.line.close()

    def head(self) -> str:
        return f"{self.name}: epoch {self.epoch}/{self.epochs}"

    def say(self, text: str, end_of_epoch: bool = False) -> None:
        if self.line:
            self.line.show(text, end_of_epoch)

    def check(self, logs) -> None:
        """A loss that is not a number ends the run with a sentence."""
        if math.isfinite(float((logs or {}).get("loss", 0.0))):
            return
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        raise TrainingError(
            f"The loss of {self.name} is no longer a number in epoch {self.epoch}: the weights have run away. Compile with "
            f"a smaller learning rate (now {rate:g}) or with clipnorm=1.0; the checkpoint of the epoch before stays."
        )


def scores(logs) -> str:
    """'loss 1.234 (val 1.345), accuracy 0.512 (val 0.498)'."""
    logs = logs or {}
    parts = []
    for key in (key for key in logs if not key.startswith("val_") and key != "learning_rate"):
        beside = f" (val {float(logs[f'val_{key}']):.3f})" if f"val_{key}" in logs else ""
        parts.append(f"{key} {float(logs[key]):.3f}{beside}")
    return ", ".join(parts)


class Line:
    """A line that is rewritten where that is possible: in a notebook's output, in a terminal; else one an epoch."""

    def __init__(self):
        self.display, self.width = self._notebook(), 0
        self.terminal = self.display is None and sys.stdout.isatty()

    @staticmethod
    def _notebook():
        """A display handle, where this runs in a notebook's kernel."""
        shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
        if shell is None or not hasattr(shell, "kernel"):
            return None
        from IPython.display import display

        return display({"text/plain": ""}, raw=True, display_id=True)

    def show(self, text: str, end_of_epoch: bool) -> None:
        if self.display is not None:
            self.display.update({"text/plain": text}, raw=True)
        elif self.terminal:
            print("\r" + text.ljust(self.width), end="", flush=True)
            self.width = len(text)
        elif end_of_epoch:
            print(text, flush=True)

    def close(self) -> None:
        if self.terminal:
            print(flush=True)
