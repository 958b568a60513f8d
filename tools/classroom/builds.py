"""The series for students, and its exercises for nbgrader; both are made from the notebooks and never edited by hand.

python -m tools.classroom.builds student          build/student/: the course without solutions and verdicts
python -m tools.classroom.builds nbgrader         build/nbgrader/: a course for nbgrader, an assignment a notebook
"""

import ast
import base64
import copy
import pathlib
import re
import shutil
import sys
import zlib

import nbformat

from tools.notebooks import ROOT, SERIES, read, tagged

BUILD = ROOT / "build"
COURSE = ["helpers", "drawn_faces", "faceapp", "pyproject.toml", "requirements.lock", "environment.yml", "Makefile"]
COURSE += ["LICENSE", "LICENSE-text", "CITATION.cff", "data/README.md"]
README = """# Seven Faces, for students

`make lab` opens the course in JupyterLab; the first time it installs everything (about 3 minutes, Python 3.11 to 3.13).
Without make: `pip install -e ".[lab]"` in this folder, then `jupyter lab` in `notebooks/`.

Put your answers where the dots are, and run the cell below: it says whether they are right, and if not, why not. A folded
cell lets the lesson go on with the course's answer until yours is right. Set `COURSE_SEED` to the number that your teacher
gave you before you start: your faces are then yours alone. What you train is kept in `runs/`: that folder is what you hand in.
"""
VERDICTS = re.compile(r"<details><summary>[^<]*verdict.*?</details>\n*", re.S | re.I)
POINTS = 2
CONFIGURATION = '''"""The course's exercises for nbgrader: `nbgrader generate_assignment NAME` in this folder."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "seven-faces"
c.ClearSolutions.code_stub = {"python": "# Put your answer where the dots are."}
c.Execute.timeout = 600  # seconds for a cell
c.ExecutePreprocessor.timeout = 600
'''


def student(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A notebook to work in: without solutions, verdicts and what the exercises printed; everything else stays and runs."""
    made = copy.deepcopy(notebook)
    made.cells = [cell for cell in map(hidden, *beside_checks(made)) if cell]
    for cell in made.cells:
        cell.metadata.pop("course", None)  # the conditions of a reading give numbers away
        if cell.cell_type == "markdown":
            cell.source = VERDICTS.sub("", cell.source)
    for cell in tagged(made, "exercise") + tagged(made, "check"):
        cell.outputs, cell.execution_count = [], None
    made.metadata.pop("course", None)
    return made


def beside_checks(notebook) -> tuple[list, list, list]:
    """The cells; for each solution the check before it, else None; and whether a later cell goes on with what it defines."""
    checks, needed, check = [], [], None
    for place, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        check = cell if "check" in tags else check
        checks.append(check if "solution" in tags else None)
        needed.append("solution" in tags and used_later(cell, notebook.cells[place + 1 :]))
    return notebook.cells, checks, needed


def used_later(solution, cells: list) -> bool:
    """Whether a lesson's cell uses a name that the solution defines, before another cell defines it again."""
    defined = {name for statement in ast.parse(solution.source).body for name in defines(statement)}
    for cell in cells:
        if cell.cell_type != "code" or {"exercise", "check", "solution"} & set(cell.metadata.get("tags", [])):
            continue
        tree = ast.parse(cell.source)
        if defined & {
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }:
            return True
        defined -= {name for statement in tree.body for name in defines(statement)}
    return False


def defines(statement: ast.stmt) -> set[str]:
    """The names that a statement of a cell, not of a function in it, gives a value."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def hidden(cell, check, needed: bool):
    """A solution that later cells need, sealed: it is used only while the student's own answer is not right. Others go."""
    if check is None:
        return cell
    if not needed:
        return None
    (call,) = (node for node in ast.walk(ast.parse(check.source)) if isinstance(node, ast.Call) and is_check(node))
    sealed = base64.b64encode(zlib.compress(cell.source.encode())).decode()
    arguments = ", ".join([f'"{sealed}"', *map(ast.unparse, call.args)])
    cell.source = f"#@title Goes on with the course's answer until yours is right\nexec(checks.otherwise({arguments}))"
    cell.metadata["tags"], cell.outputs, cell.execution_count = ["sealed"], [], None
    return cell


def is_check(call: ast.Call) -> bool:
    """Whether this is the call of `checks.exercise`."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "exercise"


def assignment(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A notebook for nbgrader: each stub holds its solution between nbgrader's marks, each check gives points or none."""
    made = student(notebook)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    exercises = zip(*(tagged(made, "exercise"), tagged(made, "check"), tagged(notebook, "solution")), strict=True)
    for number, (stub, check, solution) in enumerate(exercises, 1):
        answer = solution.source.removeprefix("#@title Solution\n")
        stub.source = f"{stub.source}\n### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        stub.metadata["nbgrader"] = graded(f"exercise_{number}", solution=True)
        check.source = re.sub(r"checks\.exercise\(", "assert checks.passed(", check.source)
        check.metadata["nbgrader"] = graded(f"check_{number}", points=POINTS)
    made.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return made


def graded(name: str, solution: bool = False, points: int = 0) -> dict:
    """What nbgrader wants to know of a cell: an answer that students write, or a locked test that gives points."""
    described = {"grade_id": name, "schema_version": 3, "cell_type": "code", "task": False, "solution": solution}
    return described | {"grade": bool(points), "locked": bool(points)} | ({"points": points} if points else {})


def build_student(folder: pathlib.Path) -> None:
    """The whole course for students in a folder of its own: what they install, and the series without solutions."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in COURSE:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, place)
    (folder / "README.md").write_text(README, "utf-8")
    (folder / "notebooks").mkdir()
    for path in SERIES:
        nbformat.write(student(read(path)), folder / "notebooks" / path.name)


def build_nbgrader(folder: pathlib.Path) -> None:
    """A folder in which nbgrader works: its configuration, and an assignment for each notebook."""
    shutil.rmtree(folder / "source", ignore_errors=True)
    for path in SERIES:
        place = folder / "source" / path.stem / path.name
        place.parent.mkdir(parents=True)
        nbformat.write(assignment(read(path)), place)
    (folder / "nbgrader_config.py").write_text(CONFIGURATION, "utf-8")


def main(what: str) -> None:
    """Make one of the two builds."""
    builds = {"student": build_student, "nbgrader": build_nbgrader}
    if what not in builds:
        raise SystemExit(f"Say which build: {' or '.join(builds)}.")
    builds[what](BUILD / what)
    print(f"{len(SERIES)} notebooks in {(BUILD / what).relative_to(ROOT)}/")


if __name__ == "__main__":
    main(*sys.argv[1:2] or [""])
