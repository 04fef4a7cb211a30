"""What is counted in an addon, compared with what stands in a small one."""

import subprocess
import sys

import pytest

from addons import ROOT
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
    count = Count(folder)
    assert count.lines == 1 + 9 + 3 + 41
    assert [count.length_at(share) for share in (0.2, 0.5, 0.8, 0.9)] == [2, 2, 5, 40]
    assert count.tests_ratio == 50 / 54
    assert count.long_functions == count.long_files == []


def test_long_functions_and_files_are_named(folder):
    write(folder / "models/long.py", long_function(41) + "\n" * 759)
    write(folder / "models/longer.py", "\n" * 801)
    count = Count(folder)
    assert count.long_functions == ["kpi_one/models/long.py:1: long, 41 lines"]
    assert count.long_files == ["kpi_one/models/longer.py: 801 lines"]


def test_pure_functions_without_a_typed_return_are_named(folder):
    count = Count(folder)
    assert count.untyped == ["kpi_one/engine/periods.py:5: second returns what?"]
    assert count.typed_percent == 75.0  # not that of models


def test_addon_without_functions_is_counted(tmp_path):
    write(tmp_path / "kpi_none/__manifest__.py", "{}\n")
    row = Count(tmp_path / "kpi_none").row
    assert row == (
        "kpi_none", "1", "", "0.0", "0.0", "0", "0", "0", "0", "", "0.00",
    )  # fmt: skip


def test_functions_without_a_blank_line_are_a_share_of_the_long_ones(folder):
    """Of those of 40, 16 and 15 lines; the lines of a docstring are not counted."""
    assert Count(folder).dense_percent == 100.0
    passes = "    pass\n" * 7
    write(folder / "models/airy.py", f"def airy():\n{passes}\n{passes}")
    write(folder / "models/short.py", long_function(14))
    docstring = '    """Pass.\n\n    Nothing else.\n    """\n'
    write(folder / "models/told.py", f"def told():\n{docstring}{passes}{passes}")
    assert [each.name for each in functions(folder) if each.is_dense] == [
        "long",
        "told",
    ]
    assert Count(folder).dense_percent == pytest.approx(100 * 2 / 3)


def functions(folder):
    """Those of models, by name."""
    found = Count(folder)._functions
    return sorted(found, key=lambda function: function.name)


def test_assignments_of_several_values_are_counted_by_1000_lines(folder):
    assert Count(folder).tuple_assignments == 0.0
    write(
        folder / "models/pairs.py",
        "a, b = 1, 2\nlow, high = bounds\nc = 1, 2\n(d, e), f = (1, 2), 3\n"
        "x = y\ng = 1\n",
    )
    assert Count(folder).tuple_assignments == pytest.approx(1000 * 2 / 60)


def test_comprehensions_are_counted_by_1000_lines(folder):
    write(
        folder / "models/lists.py",
        "[a for a in b]\n{a for a in b}\n{a: a for a in b}\nsum(a for a in b)\n"
        "[a, b]\nfor a in b: pass\n",
    )
    assert Count(folder).comprehensions == pytest.approx(1000 * 4 / 60)


def test_command_prints_a_line_each_and_the_places(folder):
    write(folder.parent / "setup/lib/own.py", "def own():\n    return 1\n")
    process = count(folder.parent)
    assert process.returncode == 0
    assert [line.split() for line in process.stdout.splitlines()] == [
        "addon lines dense a, b = compr. median 90 % > 40 > 800 typed tests".split(),
        "kpi_one 54 100 % 0.0 0.0 2 40 0 0 75.0 % 0.93".split(),
        "setup 2 0.0 0.0 2 2 0 0 0.00".split(),
        [],
        "kpi_one/engine/periods.py:5: second returns what?".split(),
    ]


def count(*arguments):
    command = [sys.executable, ROOT / "setup/lib/counts.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True)
