"""An addon is checked again once something that its verdict depends on has changed."""

import os

import pytest

import pylint_addons
from addons import Addon
from pylint_addons import TOOLS, check

ADDONS = {"kpi_low": ["base"], "kpi_high": ["kpi_low"], "kpi_other": ["base"]}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """The root of three addons, one of which stands on another."""
    monkeypatch.delenv("KPI_LONG", raising=False)
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pylint_addons, "ROOT", tmp_path)
    (tmp_path / "home").mkdir()
    for name, depends in ADDONS.items():
        write(tmp_path / name / "__manifest__.py", str({"depends": depends}))
        write(tmp_path / name / "models/kpi.py", "")
        write(tmp_path / name / "tests/test_kpi.py", "")
    for tool in TOOLS:
        write(tmp_path / tool, "")
    return tmp_path


@pytest.fixture
def checked(tree, monkeypatch):
    """Checks the addons: the folders that pylint looked at.

    It finds something in files that hold "fault".
    """

    def run(*findings, part="code"):
        looked_at = []

        def run_pylint(arguments):
            looked_at.extend(folder for folder in arguments if folder[:3] == "kpi")
            files = [f for name in looked_at for f in (tree / name).rglob("*.py")]
            faulty = {file for file in files if "fault" in file.read_text()}
            return (1 if faulty or findings else 0), {*faulty, *findings}

        monkeypatch.setattr(pylint_addons, "run_pylint", run_pylint)
        status = check(part, "1", [Addon(tree / name) for name in ADDONS])
        return status, looked_at

    return run


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_an_addon_without_findings_is_not_looked_at_again(checked):
    assert checked() == (0, ["kpi_low", "kpi_high", "kpi_other"])
    assert checked() == (0, [])


def test_a_long_run_looks_at_all(checked, monkeypatch):
    checked()
    monkeypatch.setenv("KPI_LONG", "1")
    assert checked() == (0, ["kpi_low", "kpi_high", "kpi_other"])


def test_verdicts_that_no_run_needs_are_forgotten(tree, checked):
    checked()
    old = next((tree / "home/verdicts").iterdir())
    os.utime(old, (0, 0))
    assert len(checked()[1]) == 1
    assert checked() == (0, [])


def test_a_finding_is_found_again_until_it_is_mended(tree, checked):
    write(tree / "kpi_other/models/kpi.py", "fault")
    assert checked() == (1, ["kpi_low", "kpi_high", "kpi_other"])
    assert checked() == (1, ["kpi_other"])
    assert checked() == (1, ["kpi_other"])
    write(tree / "kpi_other/models/kpi.py", "")
    assert checked() == (0, ["kpi_other"])
    assert checked() == (0, [])
    # the same finding again
    write(tree / "kpi_other/models/kpi.py", "fault")
    assert checked() == (1, ["kpi_other"])


def test_code_below_has_the_addons_above_looked_at(tree, checked):
    checked()
    write(tree / "kpi_low/models/kpi.py", "a = 1")
    assert checked() == (0, ["kpi_low", "kpi_high"])
    write(tree / "kpi_low/tests/test_kpi.py", "a = 1")
    assert checked() == (0, ["kpi_low"])
    write(tree / "kpi_high/models/kpi.py", "a = 1")
    assert checked() == (0, ["kpi_high"])


@pytest.mark.parametrize("file", ["views/kpi.xml", "static/a.png", "README.rst"])
def test_any_file_of_an_addon_counts(tree, checked, file):
    checked()
    write(tree / "kpi_high" / file, "")
    assert checked() == (0, ["kpi_high"])
    (tree / "kpi_high" / file).unlink()
    assert checked() == (0, [])


@pytest.mark.parametrize("tool", TOOLS)
def test_a_change_of_the_tools_has_all_looked_at(tree, checked, tool):
    checked()
    write(tree / tool, "changed")
    assert checked() == (0, ["kpi_low", "kpi_high", "kpi_other"])


def test_a_finding_of_no_addon_keeps_no_verdict(tree, checked):
    assert checked(tree / "setup/lib/a.py")[0] == 1
    assert checked() == (0, ["kpi_low", "kpi_high", "kpi_other"])


def test_parts_have_verdicts_of_their_own(checked):
    checked()
    folders = [f"{name}/tests" for name in ADDONS]
    assert checked(part="tests") == (0, folders)
    assert checked(part="tests") == (0, [])


def test_an_addon_among_tests_stands_on_those_of_the_root(tree):
    write(tree / "tests/addons/kpi_probe/__manifest__.py", "{'depends': ['kpi_high']}")
    lower = pylint_addons.find_lower(Addon(tree / "tests/addons/kpi_probe"))
    assert [addon.name for addon in lower] == ["kpi_low", "kpi_high"]
