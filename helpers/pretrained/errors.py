"""The one error of this room: a sentence that says why weights cannot be had or used, and what to do."""


class PretrainedError(RuntimeError):
    """Weights that cannot be had or used as they are. `reason` is short; the message adds the ways out."""

    def __init__(self, reason: str, ways_out: str = ""):
        super().__init__(f"{reason} {ways_out}".strip())
        self.reason = reason
