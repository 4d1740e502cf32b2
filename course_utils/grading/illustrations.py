"""Cells that only show something: grading leaves them out where nobody would notice."""

from __future__ import annotations

import ast
import functools
import symtable
from collections.abc import Iterator

from nbformat import NotebookNode

TAG = "illustration"
# Whoever asks for names in these ways may mean any.
_ANY_NAME = frozenset({"eval", "exec", "globals", "locals", "vars", "get_ipython", "compile", "__builtins__"})


def left_out(notebook: NotebookNode, release: NotebookNode, running: set[int]) -> set[int]:
    """Those of the cells `running`, by index, that need not run.

    They are tagged as illustrations and are as released, and no cell that runs uses a name that they set.
    """
    released = {cell.source.strip() for cell in release.cells if TAG in cell.metadata.get("tags", [])}
    candidates = {
        index
        for index in running
        if TAG in notebook.cells[index].metadata.get("tags", []) and notebook.cells[index].source.strip() in released
    }
    names = {index: _names(notebook.cells[index].source) for index in running}
    while candidates:
        used = [names[index] for index in running - candidates]
        if any(found is None or found.used & _ANY_NAME for found in used):
            return set()
        wanted = frozenset().union(*(found.used for found in used if found is not None))
        needed = {index for index in candidates if (found := names[index]) is None or found.set & wanted}
        if not needed:
            break
        candidates -= needed
    return candidates


class _Names:
    """The names of a notebook that a cell sets and that it uses, in functions and classes as well."""

    def __init__(self, source: str) -> None:
        """Raises SyntaxError or ValueError where that is no Python."""
        top = symtable.symtable(source, "cell", "exec")
        scopes = list(_scopes(top))
        self.set = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()} | {
            s.get_name() for scope in scopes for s in scope.get_symbols() if s.is_declared_global()
        }
        referenced = {
            s.get_name()
            for scope in scopes
            for s in scope.get_symbols()
            if s.is_referenced() and (scope is top or s.is_global())
        }
        # For a symbol table `x += 1` is no reference to x.
        changed = {node.target for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AugAssign)}
        self.used = frozenset(referenced | {target.id for target in changed if isinstance(target, ast.Name)})


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


@functools.lru_cache(maxsize=512)  # most cells are the release's, and the same in a whole class
def _names(source: str) -> _Names | None:
    """None where the cell is no plain Python, for instance has a line for the shell."""
    try:
        return _Names(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
