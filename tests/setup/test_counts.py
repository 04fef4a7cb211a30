"""What is counted in an addon, compared with what stands in a small one."""

import subprocess
import sys

import pytest

from addons import ROOT, Addon
from counts import Count


def long_function(lines):
    return "def long():\n" + "    pass\n" * (lines - 1)


FILES = {
    "__manifest__.py": "{}\n",
    "engine/periods.py": "def first() -> int:\n    return 1\n\n\ndef second():\n"
    "    def inner() -> int:\n        return 2\n\n    return inner()\n",
    "schemas/kpi.py": "class Kpi:\n    async def read(self) -> None:\n        pass\n",
    "models/kpi.py": "@cached\n" + long_function(40),
    "tests/test_kpi.py": long_function(50),
}


@pytest.fixture
def folder(tmp_path):
    """Functions of 2, 5, 2, 2 and 40 lines, and a longer one among the tests."""
    for name, text in FILES.items():
        write(tmp_path / "kpi_one" / name, text)
    return tmp_path / "kpi_one"


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_lines_and_functions_without_those_of_tests(folder):
    count = Count(Addon(folder))
    assert count.lines == 1 + 9 + 3 + 41
    assert [count.length_at(share) for share in (0.2, 0.5, 0.8, 0.9)] == [2, 2, 5, 40]
    assert count.tests_ratio == 50 / 54
    assert count.long_functions == count.long_files == []


def test_long_functions_and_files_are_named(folder):
    write(folder / "models/long.py", long_function(41) + "\n" * 759)
    write(folder / "models/longer.py", "\n" * 801)
    count = Count(Addon(folder))
    assert count.long_functions == ["kpi_one/models/long.py:1: long, 41 lines"]
    assert count.long_files == ["kpi_one/models/longer.py: 801 lines"]


def test_pure_functions_without_a_typed_return_are_named(folder):
    count = Count(Addon(folder))
    assert count.untyped == ["kpi_one/engine/periods.py:5: second returns what?"]
    assert count.typed_percent == 75.0  # not that of models


def test_addon_without_functions_is_counted(tmp_path):
    write(tmp_path / "kpi_none/__manifest__.py", "{}\n")
    row = Count(Addon(tmp_path / "kpi_none")).row
    assert row == ("kpi_none", "1", "", "0", "0", "0", "0", "", "0.00")


def test_command_prints_a_line_per_addon_and_the_places(folder):
    write(folder / "pyproject.toml", "[tool.kpi]\nmost_lines = 60\n")
    process = count(folder.parent)
    assert [line.split() for line in process.stdout.splitlines()] == [
        "addon lines most median 90 % > 40 > 800 typed tests".split(),
        "kpi_one 54 60 2 40 0 0 75.0 % 0.93".split(),
        [],
        "kpi_one/engine/periods.py:5: second returns what?".split(),
    ]


def test_what_holds_more_lines_than_it_may_is_named(folder):
    root = folder.parent
    write(folder / "pyproject.toml", "[tool.kpi]\nmost_lines = 54\n")
    write(root / "setup/lib/long.py", long_function(9))
    write(root / "pyproject.toml", "[tool.kpi]\nmost_lines = 9\n")
    assert count("--check", root).returncode == 0
    write(folder / "pyproject.toml", "[tool.kpi]\nmost_lines = 53\n")
    write(root / "setup/lib/long.py", long_function(10))
    process = count("--check", root)
    assert process.returncode == 1
    assert process.stderr.splitlines() == [
        "kpi_one: 54 lines of Python, at most 53 are allowed",
        "setup: 10 lines of Python, at most 9 are allowed",
    ]


def count(*arguments):
    command = [sys.executable, ROOT / "setup/lib/counts.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True)
