"""A pytest plugin that makes a hung or dead notebook fail clearly, with its name (nbval 0.11 can hang on one).

nbval waits for a reply without asking whether the kernel still lives, allows 5 seconds for the output of any cell,
and goes on with the cells after a failed one. Load it with `-p tests.nbval_guard`.
"""

import time
from queue import Empty

import pytest
from nbval import plugin
from nbval.kernel import RunningKernel

OUTPUT_SECONDS = 30  # a figure may need longer than nbval's 5 seconds on a busy machine
LAST_WORDS_SECONDS = 5  # what a cell that ran out of time is allowed for its traceback
STEP_SECONDS = 1


def await_reply(self, msg_id, timeout=None):
    """As nbval's, but looks every second whether the kernel still lives."""
    end = time.monotonic() + (timeout or 1e9)
    while True:
        try:
            message = self.get_message(stream="shell", timeout=min(STEP_SECONDS, max(end - time.monotonic(), 0.01)))
        except Empty:
            if not self.is_alive():
                raise DeadKernelError from None
            if time.monotonic() >= end:
                if hasattr(self, "item"):
                    self.item.output_timeout = LAST_WORDS_SECONDS
                raise
            continue
        if message["parent_header"].get("msg_id") == msg_id:
            if message["content"]["status"] == "aborted":
                raise RuntimeError("The kernel aborted the cell.")
            return


class DeadKernelError(Exception):
    """The kernel's process ended in the middle of a cell."""


RunningKernel.await_reply = await_reply


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Turn a death or a time-out into one sentence with the notebook's name, and remember the failure."""
    if not isinstance(item, plugin.IPyNbCell):
        return (yield)
    item.output_timeout = OUTPUT_SECONDS
    item.parent.kernel.item = item
    name = item.parent.path.name
    try:
        return (yield)
    except DeadKernelError:
        item.parent.failed_cell = item.cell_num
        limit = item.config.option.nbval_cell_timeout
        item.raise_cell_error(
            f"{name}: the kernel died in this cell (out of memory, or a crash in compiled code; the limit is {limit:g} s)."
        )
    except plugin.NbCellError as error:
        item.parent.failed_cell = item.cell_num
        error.args = (f"{name}: {error}", *error.args[1:])
        raise


def pytest_runtest_setup(item):
    """Skip the cells after a failed one: what they would say is noise."""
    if isinstance(item, plugin.IPyNbCell):
        failed = getattr(item.parent, "failed_cell", None)
        if failed is not None:
            item.parent.timed_out = False
            pytest.skip(f"cell {failed} of {item.parent.path.name} failed")
