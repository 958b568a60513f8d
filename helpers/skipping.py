"""Notebooks where a package is missing: the cells that need it are skipped with a sentence, and the rest runs."""

import ast
import importlib

from helpers import environment


class SkipCells(ast.NodeTransformer):
    """An AST transformer for IPython. It follows a missing import through the notebook: a cell that uses its name, or a
    name that a skipped cell would have defined, prints one sentence in place of a traceback."""

    def __init__(self):
        self.absent: dict[str, str] = {}  # a name in the notebook -> the package without which there is none

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        messages = []
        body = [kept for statement in cell.body if (kept := self.importable(statement, messages))]
        names = [node for node in ast.walk(cell) if isinstance(node, ast.Name)]
        used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        if needed := [self.absent[name] for name in self.absent if name in used]:
            self.absent |= dict.fromkeys(defined(cell), needed[0])
            body, messages = [], [f"Skipped: this cell needs {needed[0]}, which is not installed here."]
        else:
            for name in defined(cell):
                self.absent.pop(name, None)
        cell.body = [*body, *(say(message) for message in messages)]
        return ast.fix_missing_locations(cell)

    def importable(self, statement: ast.stmt, messages: list[str]) -> ast.stmt | None:
        """An import without the names that cannot be had; any other statement as it is."""
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            return statement
        kept = []
        for alias in statement.names:
            try:
                bring(statement, alias)
                kept.append(alias)
            except ImportError as error:
                package = (error.name or alias.name).split(".")[0]
                self.absent[alias.asname or alias.name.split(".")[0]] = package
                messages.append(environment.lacks(package))
        statement.names = kept
        return statement if kept else None


def bring(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
    """Import one name as the statement would, or raise ImportError."""
    if isinstance(statement, ast.Import):
        importlib.import_module(alias.name)
    elif not hasattr(importlib.import_module(statement.module), alias.name):
        importlib.import_module(f"{statement.module}.{alias.name}")


def defined(cell: ast.Module) -> set[str]:
    """The names that a cell defines for the cells after it: variables, functions, classes, but not what is local to those."""
    names, waiting = set(), list(cell.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        waiting += ast.iter_child_nodes(node)
    return names


def say(sentence: str) -> ast.stmt:
    return ast.parse(f"print({sentence!r})").body[0]


def watch(shell) -> None:
    """Skip cells in this notebook's shell from now on (once: a setup cell may be run again)."""
    if not any(isinstance(transformer, SkipCells) for transformer in shell.ast_transformers):
        shell.ast_transformers.append(SkipCells())
