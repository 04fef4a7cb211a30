"""Looks for words and case that product English does not have, outside of templates.

``python words_check.py``: reads ``docs/``, ``README.md``, the summaries of manifests
and the texts of the REST description; of comments and docstrings the lines that were
changed since the branch left the main branch. On the main branch these are the lines
that are not pushed, or else those of its last commit. Ends with status 1 if anything is
found.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import words
from addons import ROOT, Addon, our_addons

# of comments these are not asked
NOT_IN_COMMENTS = frozenset(("say", "nobody"))
MAIN_BRANCHES = ("main", "origin/main")
COMMENTS = {
    ".js": re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL),
    ".scss": re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL),
    ".xml": re.compile(r"<!--.*?-->", re.DOTALL),
    ".sh": re.compile(r"(?:^|(?<=\s))# [^\n]*"),
}
HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)

Text = tuple[str, int, str]  # file, line, text


def pages() -> Iterator[Text]:
    """Lines of the documentation; code in it is no text."""
    for file in [*sorted((ROOT / "docs").glob("*.md")), *ROOT.glob("README.md")]:
        content = FENCE.sub(lambda match: "\n" * match[0].count("\n"), file.read_text())
        for number, line in enumerate(content.splitlines(), 1):
            yield str(file.relative_to(ROOT)), number, line


def described(addon: Addon) -> Iterator[Text]:
    """Summary of the manifest and texts of the REST description."""
    summary = addon.manifest.get("summary", "")
    yield f"{addon.name}/__manifest__.py", 1, summary
    for folder, find in (
        ("schemas", _texts_of_schemas),
        ("controllers", _texts_of_routes),
    ):
        for file in sorted((addon.path / folder).glob("**/*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            place = str(file.relative_to(ROOT))
            yield from ((place, line, text) for line, text in find(tree))


def _texts_of_schemas(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """All strings of several words; a docstring of the file describes no schema."""
    without_docstring = tree.body[1:] if ast.get_docstring(tree) else tree.body
    for node in without_docstring:
        yield from _strings(node)


def _texts_of_routes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Strings of what declares routes, and the docstrings of their methods."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        for member in node.body:
            if isinstance(member, ast.Assign):
                yield from _strings(member)
            elif isinstance(member, ast.FunctionDef) and member.decorator_list:
                for decorator in member.decorator_list:
                    yield from _strings(decorator)
                yield member.lineno, ast.get_docstring(member) or ""


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    for each in ast.walk(node):
        is_text = isinstance(each, ast.Constant) and isinstance(each.value, str)
        if is_text and " " in each.value:
            yield each.lineno, each.value


def changed_lines() -> dict[str, set[int]]:
    """File → lines that differ from the main branch; without git {}."""
    if not (base := _base()):
        return {}
    options = ("--unified=0", "--diff-filter=d", "--no-ext-diff", "--dst-prefix=b/")
    changed: dict[str, set[int]] = {}
    lines: set[int] = set()
    for line in (_git("diff", *options, base) or "").splitlines():
        if line.startswith("+++ b/"):
            lines = changed.setdefault(line.removeprefix("+++ b/"), set())
        elif hunk := HUNK.match(line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            lines.update(range(first, first + count))
    for name in (_git("ls-files", "--others", "--exclude-standard") or "").splitlines():
        if (ROOT / name).is_file():
            with (ROOT / name).open("rb") as file:
                changed[name] = {number for number, _line in enumerate(file, 1)}
    return changed


def _base() -> str | None:
    """The commit before the first that is checked."""
    head = _git("rev-parse", "HEAD")
    left = (_git("merge-base", branch, "HEAD") for branch in MAIN_BRANCHES)
    before = (base for base in left if base and base != head)
    return next(before, None) or _git("rev-parse", "--verify", "--quiet", "HEAD~1")


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def comments(file: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line of the comments and docstrings of a file."""
    if file.suffix == ".py":
        yield from _python_comments(file.read_text(encoding="utf-8"))
    elif file.suffix in COMMENTS:
        content = file.read_text(encoding="utf-8")
        for match in COMMENTS[file.suffix].finditer(content):
            first = content.count("\n", 0, match.start()) + 1
            for number, line in enumerate(match[0].splitlines(), first):
                yield number, line.strip("<!->/*# ")


def _python_comments(code: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.strip("# ")
    for node in ast.walk(ast.parse(code)):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            lines = code.splitlines()[docstring.lineno - 1 : docstring.end_lineno]
            for number, line in enumerate(lines, docstring.lineno):
                yield number, line.strip('" ')


def report(texts: Iterator[Text], without: frozenset[str] = frozenset()) -> int:
    """Prints each hit; how many there are."""
    count = 0
    for file, line, text in texts:
        if words.is_allowed(text):
            continue
        for name, found, instead in words.find_words(text):
            if name not in without:
                print(f"{file}:{line}: “{found}”: write {instead}")
                count += 1
    return count


def main() -> int:
    count = report(pages())
    for addon in our_addons().values():
        count += report(described(addon))
    for name, lines in sorted(changed_lines().items()):
        found = (
            (name, *each) for each in sorted(comments(ROOT / name)) if each[0] in lines
        )
        count += report(found, NOT_IN_COMMENTS)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
