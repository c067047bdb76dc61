"""Print how long our functions and modules are, and fail where one is past the house's limit."""

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("cutover", "statelayer")
LEAVES = ("coercions", "checks", "rules", "flags", "symptoms")
FUNCTION_LINES_MAX = 50
MODULE_LINES_MAX = 400
LEAF_LINES_MAX = 120

Function = ast.FunctionDef | ast.AsyncFunctionDef


def body_lines(function: Function) -> int:
    """Count a function's lines, decorators and docstring left out."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every function of a module with its length."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", body_lines(node)


def module_limit(path: Path) -> int:
    """Return how many lines a module may have."""
    return LEAF_LINES_MAX if path.parent.name in LEAVES else MODULE_LINES_MAX


def main() -> int:
    """Print the curve; return 1 where something is over its limit."""
    modules = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    lengths = [pair for path in modules for pair in functions(path)]
    sizes = sorted(length for _, length in lengths)
    p90 = statistics.quantiles(sizes, n=10)[-1]
    print(f"{len(modules)} modules, {len(sizes)} functions")
    print(f"function lines: median {statistics.median(sizes):g}, p90 {p90:g}, max {sizes[-1]}")
    over = [f"{name}: {size} lines" for name, size in lengths if size > FUNCTION_LINES_MAX]
    for path in modules:
        size = len(path.read_text(encoding="utf-8").splitlines())
        if size > module_limit(path):
            over.append(f"{path.relative_to(ROOT)}: {size} lines, at most {module_limit(path)}")
    for line in over:
        print(f"too long: {line}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
