"""What a cell's code defines, found without running it and also where it does not parse."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

# The parser needs about 1 s for 1 MB of code; what is longer than this is read line by line.
MAX_PARSED = 50_000

_MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)
_MAGIC_ASSIGNMENT = re.compile(r"^([ \t]*[\w, \t]+=[ \t]*)[%!].*$", re.MULTILINE)
_OTHER_LANGUAGE = re.compile(r"\s*%%(?!time\b|timeit\b|capture\b|prun\b)")
_CHECK = re.compile(r"^check\(\s*[\"'](\w+)[\"']\s*\)\s*;?$")
_TOP_DEFINITION = re.compile(r"(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_STUB_LINE = re.compile(r"(?:pass|\.\.\.|raise NotImplementedError(?:\(.*\))?)$")


@dataclass(frozen=True)
class Chunk:
    """One top-level statement with the comments above it.

    Args:
        text: its lines.
        kind: "definition" (def, class), "import", "assignment", "text" (a bare string) or "other".
        names: the names that it binds.
        stub: a definition without a body of its own: nothing but a docstring, `pass`, `...` or NotImplementedError.
    """

    text: str
    kind: str
    names: tuple[str, ...]
    stub: bool = False

    @property
    def check(self) -> str | None:
        """ "resize_img" if the statement is `check("resize_img")` and nothing else."""
        lines = [line for line in essence(self.text).splitlines() if line]
        found = _CHECK.match(lines[0]) if len(lines) == 1 else None
        return found.group(1) if found else None


@dataclass(frozen=True)
class Code:
    """Top-level statements of a piece of code, in order; `parses` says whether Python accepts it."""

    chunks: tuple[Chunk, ...]
    parses: bool

    @cached_property
    def names(self) -> frozenset[str]:
        """All names bound at top level."""
        return frozenset(name for chunk in self.chunks for name in chunk.names)

    def definition(self, name: str) -> Chunk | None:
        """The statement that binds `name` last."""
        return next((chunk for chunk in reversed(self.chunks) if name in chunk.names), None)


def essence(source: str) -> str:
    """`source` without comment lines, blank lines and spaces at line ends, for comparisons."""
    lines = (line.rstrip() for line in source.split("\n"))
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def read_code(source: str) -> Code:
    """The top-level statements of `source`; IPython's magics count as statements without effect.

    Nothing is executed. Code that does not parse, or is longer than `MAX_PARSED`, is split at its unindented lines.
    """
    if _OTHER_LANGUAGE.match(source):
        return Code((Chunk(source, "other", ()),), parses=True)
    if len(source) <= MAX_PARSED:
        tree = _parse(_MAGIC.sub(r"\1pass", _MAGIC_ASSIGNMENT.sub(r"\1None", source)))
        if tree is not None:
            return Code(tuple(_chunks_of(tree, source.split("\n"))), parses=True)
    return Code(tuple(_chunks_by_line(source.split("\n"))), parses=False)


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _chunks_of(tree: ast.Module, lines: list[str]) -> Iterator[Chunk]:
    """One chunk a statement; statements that share a line share a chunk."""
    groups: list[list[ast.stmt]] = []
    for node in tree.body:
        if groups and _first_line(node) <= (groups[-1][-1].end_lineno or 0):
            groups[-1].append(node)
        else:
            groups.append([node])
    start = 0
    for position, group in enumerate(groups):
        end = group[-1].end_lineno or start + 1
        if position == len(groups) - 1:
            end = len(lines)
        text = "\n".join(lines[start:end])
        names = tuple(name for node in group for part in _flat(node) for name in _bound(part))
        yield Chunk(text, _kind(group[-1]), names, stub=all(map(_is_stub, group)))
        start = end


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return decorators[0].lineno if decorators else node.lineno


def _kind(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return "definition"
        case ast.Import() | ast.ImportFrom():
            return "import"
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return "assignment"
        case ast.Expr(value=ast.Constant(value=str())):
            return "text"
    return "other"


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        case ast.Assign():
            for target in node.targets:
                elements = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                yield from (element.id for element in elements if isinstance(element, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _flat(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and those in its blocks (`if`, `try`, `with`, loops), but not in functions or classes."""
    waiting: list[ast.AST] = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, ast.stmt):
            yield current
        if not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            waiting.extend(ast.iter_child_nodes(current))


def _is_stub(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return all(_does_nothing(statement) for statement in node.body)


def _does_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return _is_stub(node)
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def _chunks_by_line(lines: list[str]) -> Iterator[Chunk]:
    """A chunk from each unindented `def`, `class` or decorator to the next; the rest in chunks of their own."""
    current: list[str] = []
    inside = decorated = False
    for line in lines:
        begins = line.startswith(("def ", "class ", "async def ", "@"))
        ends = inside and line[:1] not in ("", " ", "\t", "#", ")", "]", "}")
        if (begins and not decorated) or (ends and not begins):
            if essence("\n".join(current)):
                yield _chunk_by_line(current)
                current = []
            inside = False
        decorated = line.startswith("@")
        inside = inside or begins
        current.append(line)
    if current:
        yield _chunk_by_line(current)


def _chunk_by_line(lines: list[str]) -> Chunk:
    found = next((match for line in lines if (match := _TOP_DEFINITION.match(line))), None)
    text = "\n".join(lines)
    if not found:
        return Chunk(text, "other", ())
    body = [line.strip() for line in essence(text).split("\n")][1:]
    return Chunk(text, "definition", (found.group(1),), stub=all(map(_STUB_LINE.match, body)))
