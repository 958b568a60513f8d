"""One tidy line of progress in a notebook, in a terminal and in a log file."""

import os
import re
import select
import time

import keras

from helpers import training
from tests.training_world import plain


def test_first_sign_of_life_and_a_log_file(data, capsys, monkeypatch):
    begin, heard = time.monotonic(), []
    fit = keras.Model.fit

    def late(self, *args, **options):
        heard.append((time.monotonic() - begin, capsys.readouterr().out))
        return fit(self, *args, **options)

    monkeypatch.setattr(keras.Model, "fit", late)
    net = plain()
    begin = time.monotonic()
    training.fit(net, data, "run", epochs=2)
    assert heard[0][0] < 2 and heard[0][1] == "run: starting ...\n"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and "\r" not in "".join(lines)
    assert lines[1].startswith("run: epoch 2/2 · ") and lines[2].startswith("run: 2 epochs in 0.")
    tidy = r"loss \d\.\d{3} \(val \d\.\d{3}\), accuracy \d\.\d{3} \(val \d\.\d{3}\)$"
    assert all(re.search(tidy, line) for line in lines)


def test_in_a_terminal_the_line_is_rewritten(data, monkeypatch):
    main, side = os.openpty()
    with open(side, "w") as screen:
        monkeypatch.setattr("sys.stdout", screen)
        monkeypatch.setenv("COLUMNS", "60")
        training.fit(plain(), data, "terminal", epochs=2)
        screen.flush()
        shown = ""
        while "\n" not in shown and select.select([main], [], [], 10)[0]:  # a terminal hands on piece by piece
            shown += os.read(main, 100_000).decode()
    os.close(main)
    assert shown.startswith("\rterminal: starting ...") and shown.count("\n") == 1
    assert all(len(part) < 60 for part in shown.split("\r"))


NOTEBOOK = """
from helpers import training
from tests.training_world import plain, world
run = training.fit(plain(), world(), "notebook", epochs=2)
"""


def test_in_a_notebook_there_is_one_output(run_folder):
    import nbclient
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK)])
    nbclient.NotebookClient(notebook, timeout=240, resources={"metadata": {"path": os.getcwd()}}).execute()
    outputs = [output for output in notebook.cells[0].outputs if output.get("name") != "stderr"]
    assert len(outputs) == 1 and list(outputs[0]["data"]) == ["text/plain"]
    text = outputs[0]["data"]["text/plain"]
    assert text.startswith("notebook: 2 epochs in") and "val" in text and "\n" not in text
