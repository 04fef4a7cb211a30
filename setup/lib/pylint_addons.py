"""Checks addons with pylint, but for those in which it is known to find nothing.

``python pylint_addons.py code|tests|inferred JOBS FOLDER...``: prints what is found in
the addons and ends with status 1 if there is anything.

- code: pylint-odoo's messages, in all but tests
- tests: those of them that running tests does not show
- inferred: pylint's own that ruff lacks, in all but tests; most are inferred from other
  files, which takes long
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from addons import ROOT, Addon
from verdicts import Verdicts

# All else of pylint-odoo is of models, texts for people and manifests.
OF_TESTS = (
    "bad-builtin-groupby", "except-pass", "invalid-commit", "missing-return",
    "no-search-all", "odoo-addons-relative-import", "print-used", "sql-injection",
)  # fmt: skip
# Names from other files count for them.
INFERRED = ("assignment-from-none", "redundant-keyword-arg", "unreachable")
PARTS = {
    "code": ["--ignore=tests"],
    "tests": ["--disable=all", f"--enable={','.join(OF_TESTS)}"],
    "inferred": [
        "--ignore=tests",
        "--disable=all",
        f"--enable={','.join((*INFERRED, 'pointless-string-statement'))}",
    ],
}
TOOLS = (
    ".pylintrc",
    "setup/lib/pylint_addons.py",
    "setup/lib/pylint_odoo_fast.py",
    "setup/requirements/lint.lock",
    "setup/requirements/serve.lock",
    "setup/requirements/test.lock",
)


def check(part: str, jobs: str, addons: Iterable[Addon]) -> int:
    """The status to end with; prints what is found."""
    verdicts = Verdicts(f"pylint {part}", [ROOT / tool for tool in TOOLS])
    verdicts.forget_old()
    hashes = {addon: _hashes(addon) for addon in addons}
    waiting = [addon for addon in hashes if not verdicts.is_clean(*hashes[addon])]
    folders = [folder for addon in waiting for folder in _folders(part, addon)]
    if not folders:
        return 0

    status, faulty_files = run_pylint([*PARTS[part], "--jobs", jobs, *folders])
    for addon in find_clean(waiting, faulty_files):
        verdicts.keep_clean(*hashes[addon])
    return 1 if status else 0


def run_pylint(arguments: list[str]) -> tuple[int, set[Path]]:
    """Its status, and the files that it found something in; prints the findings."""
    # half a second that a run without changes does not take
    from pylint.lint import Run
    from pylint.reporters import CollectingReporter

    reporter = CollectingReporter()
    options = ["--rcfile", ".pylintrc", "--load-plugins", "pylint_odoo_fast"]
    run = Run([*options, "--recursive=yes", *arguments], reporter, exit=False)
    for found in reporter.messages:
        place = f"{found.path}:{found.line}:{found.column}"
        print(f"{place}: {found.msg_id}: {found.msg} ({found.symbol})")

    return run.linter.msg_status, {Path(each.abspath) for each in reporter.messages}


def find_clean(addons: list[Addon], faulty_files: set[Path]) -> list[Addon]:
    """Those that nothing was found in; none where a finding is of no addon."""
    owners = {
        file: {addon for addon in addons if file.is_relative_to(addon.path)}
        for file in faulty_files
    }
    if not all(owners.values()):
        return []

    faulty = set().union(*owners.values())
    return [addon for addon in addons if addon not in faulty]


def _folders(part: str, addon: Addon) -> list[str]:
    folder = addon.path / "tests" if part == "tests" else addon.path
    return [str(folder.relative_to(ROOT))] if folder.exists() else []


def _hashes(addon: Addon) -> list[str]:
    """Of its files, and of the code that it extends."""
    lower = [below.code_hash for below in find_lower(addon)]
    return [addon.name, addon.files_hash, *lower]


def find_lower(addon: Addon) -> list[Addon]:
    """Ours that an addon stands on; one that lies among tests stands on the root's."""
    found: dict[str, Addon] = {}
    for name in addon.depends:
        for folder in (addon.path.parent, ROOT):
            below = Addon(folder / name)
            if below.is_ours and name not in found:
                found.update({each.name: each for each in (*find_lower(below), below)})
    return list(found.values())


if __name__ == "__main__":
    part, jobs, *folders = sys.argv[1:]
    sys.exit(check(part, jobs, [Addon(ROOT / folder) for folder in folders]))
