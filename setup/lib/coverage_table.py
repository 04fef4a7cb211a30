"""Lines of each addon's Python that the tests ran, over all groups together."""

import json
import os
import subprocess
import sys
from pathlib import Path

REQUIRED_PERCENT = 90
WORST_FILES = 5


def covered_enough(addons: list[str], data: list[Path], work: Path) -> bool:
    """Prints a line per addon, and the worst files of one below the requirement.

    :param data: coverage files
    :param work: where the sums are kept meanwhile
    """
    if not addons:
        return True
    files = _files(data, work)
    print(f"\n{'addon':30} {'lines':>7} {'run':>7} {'percent':>8}")
    enough = [_print_addon(name, files) for name in addons]
    return all(enough)


def _print_addon(name: str, files: dict[str, dict]) -> bool:
    own = {f: s["summary"] for f, s in files.items() if Path(f).parts[0] == name}
    lines = sum(summary["num_statements"] for summary in own.values())
    run = sum(summary["covered_lines"] for summary in own.values())
    # no line known: nothing of the addon was traced
    percent = 100 * run / lines if lines else 0.0
    enough = percent >= REQUIRED_PERCENT
    mark = "" if enough else f"  below {REQUIRED_PERCENT} %"
    print(f"{name:30} {lines:7} {run:7} {percent:8.1f}{mark}")
    if not enough:
        _print_worst(own)
    return enough


def _print_worst(files: dict[str, dict]) -> None:
    by_missing = sorted(files.items(), key=lambda item: -item[1]["missing_lines"])
    for file, summary in by_missing[:WORST_FILES]:
        print(f"    {file}: {summary['missing_lines']} lines never run")


def _files(data: list[Path], work: Path) -> dict[str, dict]:
    """coverage.py's figures by file; empty when nothing was traced."""
    if not data:
        return {}
    report = work / "coverage.json"
    environment = dict(os.environ, COVERAGE_FILE=str(work / "combined"))
    for arguments in (
        ["combine", "--keep", *map(str, data)],
        ["json", "-o", str(report)],
    ):
        command = [sys.executable, "-m", "coverage", arguments[0], "--quiet"]
        subprocess.run([*command, *arguments[1:]], env=environment, check=True)
    return json.loads(report.read_text())["files"]
