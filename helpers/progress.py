"""One tidy line of progress: rewritten in place in a notebook or a terminal; in a log file, a line for each step that is done."""

import shutil
import sys


class Line:
    """Shows how far something is. With `on=False` only what stays is shown."""

    def __init__(self, on: bool = True):
        self.on, self.kept, self.width = on, [], 0
        self.display = self._notebook() if on else None
        self.terminal = on and self.display is None and sys.stdout.isatty()

    @staticmethod
    def _notebook():
        """A display handle, if this runs in a notebook's kernel."""
        shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
        if shell is None or not hasattr(shell, "kernel"):
            return None
        from IPython.display import display

        return display({"text/plain": ""}, raw=True, display_id=True)

    def show(self, text: str) -> None:
        """Rewrite the line; in a log file, nothing."""
        if self.display is not None:
            self.display.update({"text/plain": "\n".join([*self.kept, text])}, raw=True)
        elif self.terminal:
            text = text[: shutil.get_terminal_size().columns - 1]
            print("\r" + text.ljust(self.width), end="", flush=True)
            self.width = len(text)

    def log(self, text: str) -> None:
        """Rewrite the line; in a log file, add one."""
        if self.on and self.display is None and not self.terminal:
            print(text, flush=True)
        self.show(text)

    def keep(self, text: str) -> None:
        """Show a line that stays, even if no progress is shown."""
        if self.display is not None:
            self.kept.append(text)
            self.show("")
        else:
            print("\r" * self.terminal + text.ljust(self.width), flush=True)
            self.width = 0

    def close(self) -> None:
        """End the line: what is printed next begins a new one."""
        if self.terminal:
            print(flush=True)
