"""How a full test run is cut into groups, counted, and judged."""

import ast
import os
import re
import subprocess
import sys

import pytest

from addons import ROOT, Addon
from templates import template_alone, templates_for_tests
from test_groups import (
    IN_BROWSER,
    MAX_SECONDS_OF_PART,
    Group,
    Queue,
    groups_alone,
    groups_of_addon,
    groups_of_tests_folder,
    is_pure,
    merged,
    split,
)
from test_results import Result, covered_enough, summary

TOUR = """class T:
    def test_tour(self):
        self.start_tour('/odoo', 'kpi')
"""
FILES = {
    "__manifest__.py": "{}",
    "tests/engine/test_periods.py": "",
    "tests/models/test_kpi.py": "class T:\n    def test_a(self):\n        ...\n",
    "tests/controllers/test_kpi_api.py": "class T:\n    def test_b(self): ...\n",
    "tests/tours/test_kpi_tour.py": TOUR,
    "static/tests/gauge.test.js": "test('fills', () => {});",
    "static/tests/table.test.js": "test('opens', () => {});",
    "static/tests/card.test.js": "test.tags('mobile')('stacks', () => {});",
}


@pytest.fixture
def addon(tmp_path):
    folder = tmp_path / "kpi_one"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Addon(folder)


def test_groups_of_an_addon_trace_all_but_the_browser(addon):
    found = [
        (group.name, group.targets, group.template, group.traced)
        for group in groups_of_addon(addon)
    ]
    tests = "kpi_one/tests"
    odoo = (f"{tests}/controllers/test_kpi_api.py", f"{tests}/models/test_kpi.py")
    tour = (f"{tests}/tours/test_kpi_tour.py",)
    desktop = ("/web:WebSuite.test_unit_desktop[@kpi_one]",)
    # those of phones, and a third of the others
    suites = "@kpi_one/card,@kpi_one/gauge"
    mobile = (f"/web:MobileWebSuite.test_unit_mobile[{suites}]",)
    assert found == [
        ("kpi_one pure", (f"{tests}/engine",), None, "kpi_one"),
        ("kpi_one odoo", odoo, "plain", "kpi_one"),
        ("kpi_one browser", tour, "drawn", None),
        ("kpi_one hoot", desktop + mobile, "plain", None),
    ]
    # what takes long begins early
    seconds = [group.seconds for group in groups_of_addon(addon)]
    assert seconds == sorted(seconds)
    assert is_pure(addon.path / "tests/engine/test_periods.py")
    assert not is_pure(addon.path / "tests/models")


def test_a_full_run_has_one_process_for_what_is_short_or_in_a_browser(addon):
    long = Group("kpi_two odoo", ("two",), "plain", "kpi_two", seconds=1000)
    glue = Group("kpi_three odoo", ("three",), "gallery", "kpi_three", seconds=9)
    part = Group("kpi_four odoo", ("four",), "plain", "kpi_four", seconds=9)
    pure = Group("kpi_two pure", ("engine",), traced="kpi_two")
    suite = ("/web:WebSuite.test_unit_desktop[@kpi_two]",)
    hoot = Group("kpi_two hoot", suite, "counted", is_hoot=True, seconds=100)
    every = [*groups_of_addon(addon), long, glue, part, pure, hoot]
    found = {group.name: group for group in merged(every)}
    assert list(found) == [
        "pure",
        "odoo on plain",
        "kpi_one browser",
        "hoot",
        "kpi_two odoo",
        "kpi_three odoo",
    ]
    assert found["pure"].targets == ("kpi_one/tests/engine", "engine")
    assert found["pure"].traced == "kpi_one,kpi_two"
    assert found["odoo on plain"].targets[-1] == "four"
    assert found["odoo on plain"].template == "plain"
    # two tests of the addon besides
    assert 9 < found["odoo on plain"].seconds < 11
    assert found["kpi_three odoo"] == glue
    assert found["kpi_two odoo"] == long
    hoot = found["hoot"]
    assert hoot.targets == (
        "/web:WebSuite.test_unit_desktop[@kpi_one,@kpi_two]",
        "/web:MobileWebSuite.test_unit_mobile[@kpi_one/card,@kpi_one/gauge]",
    )
    assert hoot.template == "counted"
    assert hoot.is_hoot


def test_long_runs_try_all_hoot_tests_on_a_phone(addon, monkeypatch):
    monkeypatch.setenv("KPI_LONG", "1")
    *_others, hoot = groups_of_addon(addon)
    assert hoot.targets[1] == "/web:MobileWebSuite.test_unit_mobile[@kpi_one]"


def test_files_that_open_pages_by_methods_of_others_are_in_a_browser():
    """Else scripts and styles are bundled anew for each of their tests."""
    files = sorted(ROOT.glob("kpi_*/tests/**/*.py"))
    texts = {file: file.read_text() for file in files}
    opening = {}
    for text in texts.values():
        for each in ast.walk(ast.parse(text)):
            if isinstance(each, ast.ClassDef):
                for name in _list_opening(each):
                    opening.setdefault(name, set()).add(each.name)
    assert opening["_visit"] == {"ScreenVisits"}
    for file, text in texts.items():
        if file.name.startswith("test_") and not IN_BROWSER.search(text):
            called = opening.keys() & set(re.findall(r"\bself\.(\w+)\(", text))
            known = set(re.findall(r"\w+", text))
            assert not [name for name in called if opening[name] & known], file


def _list_opening(case):
    """Names of the methods of a class that open a page, and are no tests."""
    for each in case.body:
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("test"):
            if re.search(r"\b(start_tour|browser_js)\(", ast.unparse(each)):
                yield each.name


@pytest.mark.parametrize(
    ("name", "depends", "template", "alone"),
    [
        ("kpi_one", [], "plain", "alone kpi_one"),
        ("kpi_one_part", ["kpi_one"], "plain", "alone kpi_one_part"),
        ("kpi_one_account", ["kpi_one", "account"], "gallery", "gallery"),
        ("kpi_demo", ["kpi_one"], "demo", "demo"),
    ],
)
def test_each_addon_is_tested_beside_what_it_needs(
    tmp_path, name, depends, template, alone
):
    make_tested_addon(tmp_path, "kpi_one")
    folder = make_tested_addon(tmp_path, name, depends)
    (group,) = groups_of_addon(Addon(folder))
    assert group.template == template
    (group,) = groups_alone(Addon(folder))
    assert group.template == alone
    has_it = {
        kind
        for kind, found in templates_for_tests([Addon(folder)]).items()
        if found.addons
    }
    assert template in has_it
    assert ("plain" in has_it) == (template == "plain")


def make_tested_addon(root, name, depends=()):
    folder = root / name
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    manifest = {"name": name, "depends": list(depends), "auto_install": bool(depends)}
    (folder / "__manifest__.py").write_text(repr(manifest))
    (folder / "tests/test_some.py").touch()
    return folder


def test_parts_above_an_addon_are_not_in_the_template_for_it_alone(tmp_path):
    low = Addon(make_tested_addon(tmp_path, "kpi_one"))
    high = Addon(make_tested_addon(tmp_path, "kpi_one_part", ["kpi_one"]))
    assert template_alone(low).addons == (low,)
    assert template_alone(high).addons == (low, high)


def test_folders_of_tests_copy_a_database_but_those_of_setup(tmp_path):
    for name in ("setup", "server", "empty"):
        (tmp_path / "tests" / name).mkdir(parents=True)
    (tmp_path / "tests/setup/test_a.py").touch()
    (tmp_path / "tests/server/test_b.py").touch()
    groups = [
        (group.name, group.template) for group in groups_of_tests_folder(tmp_path)
    ]
    assert groups == [("tests/server", "counted"), ("tests/setup", None)]


def make_tests(folder, *counts):
    """Files with so many tests each; their names."""
    for number, count in enumerate(counts):
        tests = "".join(f"    def test_{n}(self): ...\n" for n in range(count))
        (folder / f"test_{number}.py").write_text(f"class T:\n{tests}")
    return tuple(f"test_{number}.py" for number in range(len(counts)))


def test_a_long_group_is_cut_between_files(tmp_path):
    files = make_tests(tmp_path, 10, 30, 10, 10, 60, 0)
    group = Group("kpi_one odoo", files, "plain", seconds=2.5 * MAX_SECONDS_OF_PART)
    parts = list(split(group, tmp_path))
    assert [part.targets for part in parts] == [files[:2], files[2:4], files[4:]]
    assert [part.name[-1] for part in parts] == ["1", "2", "3"]
    assert {part.template for part in parts} == {"plain"}
    short = Group("kpi_one odoo", files, "plain", seconds=MAX_SECONDS_OF_PART)
    assert list(split(short, tmp_path)) == [short]


def test_a_lane_for_what_waits_takes_nothing_else():
    busy = Group("busy", (), "plain", seconds=9)
    waiting = [Group(f"waits {n}", (), "plain", waits=True, seconds=n) for n in (1, 2)]
    pure = Group("pure", ())
    queue = Queue([busy, *waiting, pure])
    assert queue.take(waits_only=True) == waiting[1]
    assert queue.take(waits_only=False) == pure
    assert queue.take(waits_only=False) == busy
    assert queue.take(waits_only=False) == waiting[0]
    assert queue.take(waits_only=True) is None


def run_pytest(folder, text, **variables):
    (folder / "test_some.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = long: takes long\n")
    record = folder / "record.json"
    command = [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "test_record"]
    # pytest names tests from here, wherever this tree and the folder are
    command += [f"--rootdir={folder}", f"--record={record}"]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "setup/lib"), **variables)
    if "KPI_LONG" not in variables:
        environment.pop("KPI_LONG", None)
    process = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
    )
    return Result("some", process.returncode, process.stdout, record)


def test_results_are_counted_and_skips_named(tmp_path):
    result = run_pytest(
        tmp_path,
        "import pytest\n"
        "def test_right(): pass\n"
        "def test_wrong(): assert 1 == 2\n"
        "@pytest.mark.skip(reason='no data set')\n"
        "def test_skipped(): pass\n"
        "def test_cases(subtests):\n"
        "    for case in range(3):\n"
        "        with subtests.test(case=case): assert case != 1\n",
    )
    assert result.has_failed
    assert [line for line in summary([result]).splitlines() if " s " not in line] == [
        "skipped test_some.py::test_skipped: Skipped: no data set",
        "FAILED test_some.py::test_cases",
        "FAILED test_some.py::test_cases (case=1)",
        "FAILED test_some.py::test_wrong",
        "FAILED some",
        "",
        "1 passed, 2 failed, 1 skipped",
    ]


def test_the_longest_tests_are_measured_while_they_stop_the_clock(tmp_path):
    result = run_pytest(
        tmp_path,
        "from freezegun import freeze_time\n"
        "@freeze_time('2001-01-01')\n"
        "def test_old(): sum(range(3_000_000))\n"
        "def test_short(): pass\n",
    )
    (old, short) = result.tests.values()
    assert 0 <= short["seconds"] < old["seconds"] < 60
    longest, *_ = summary([result]).splitlines()
    assert longest.endswith("s test_some.py::test_old")


LONG = """import pytest, unittest
def test_short(): pass
@pytest.mark.long
def test_in_full(): assert False
@pytest.mark.long
class TestWorkers(unittest.TestCase):
    def test_killed(self): pass
"""


def test_what_takes_long_is_named_and_left_to_long_runs(tmp_path):
    result = run_pytest(tmp_path, LONG)
    lines = summary([result]).splitlines()
    assert lines[:2] == [
        "only with --long test_some.py::TestWorkers::test_killed",
        "only with --long test_some.py::test_in_full",
    ]
    assert lines[-1] == "1 passed, 0 failed, 0 skipped, 2 only with --long"

    result = run_pytest(tmp_path, LONG, KPI_LONG="1")
    assert result.counts == {"passed": 2, "failed": 1}


def test_classes_are_measured_with_their_set_up(tmp_path):
    result = run_pytest(
        tmp_path,
        "import time, unittest\n"
        "class TestDear(unittest.TestCase):\n"
        "    @classmethod\n"
        "    def setUpClass(cls): time.sleep(.3)\n"
        "    def test_a(self): pass\n"
        "    def test_b(self): time.sleep(.1)\n",
    )
    first, second = result.tests.values()
    assert first["seconds"] >= first["setup_seconds"] >= 0.3
    assert second["seconds"] >= 0.1 > second["setup_seconds"]
    words = next(line for line in summary([result]).splitlines() if "class" in line)
    seconds, name = words.split(" s class ")
    assert float(seconds) >= 0.4
    assert name == "test_some.py::TestDear"


def test_group_without_tests_is_no_failure(tmp_path):
    result = run_pytest(tmp_path, "# nothing yet\n")
    assert not result.has_failed
    assert result.line.startswith("ok     some: 0 passed, 0 failed, 0 skipped;")


def test_a_failed_log_shows_its_errors(tmp_path):
    time = "2026-11-30 06:05:08,743 1"
    wrong = f"{time} ERROR kpi: [HOOT] Test failed:\nReceived: 2\n"
    right = f"{time} INFO kpi: [HOOT] Test passed\n" * 500
    result = Result("hoot", 1, right + wrong + right, tmp_path / "none.json")
    assert result.excerpt == wrong.rstrip()
    result = Result("hoot", 1, right + "Killed\n", tmp_path / "none.json")
    assert result.excerpt.endswith("passed\nKilled")


def test_log_of_hoot_is_counted(tmp_path):
    output = "INFO ... [HOOT] Passed 12 tests (34 assertions, total time: 2 s)\n"
    result = Result("hoot", 0, output, tmp_path / "none.json")
    assert result.line.startswith("ok     hoot: 12 passed, 0 failed, 0 skipped;")


@pytest.mark.parametrize(
    ("called", "figure", "enough"),
    [
        # 10 lines: the def, which an import runs, and 9 that only a call runs
        (True, "100.0", True),
        (False, "below 90 %", False),
    ],
)
def test_addon_with_too_few_lines_run_fails(
    tmp_path, monkeypatch, capsys, called, figure, enough
):
    addon = tmp_path / "kpi_one"
    addon.mkdir()
    body = "".join(f"    value = {number}\n" for number in range(9))
    (addon / "__init__.py").write_text(f"def never():\n{body}\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    monkeypatch.chdir(tmp_path)
    call = "kpi_one.never()" if called else "pass"
    (tmp_path / "main.py").write_text(f"import kpi_one\n{call}\n")
    tool = [sys.executable, "-m", "coverage", "run", "--source=kpi_one", "main.py"]
    environment = dict(os.environ, COVERAGE_FILE=".coverage")
    subprocess.run(tool, check=True, env=environment)
    data = list(tmp_path.glob(".coverage*"))
    assert covered_enough(["kpi_one"], data, tmp_path) is enough
    assert figure in capsys.readouterr().out


def test_addon_that_was_never_traced_fails(tmp_path):
    assert not covered_enough(["kpi_one"], [], tmp_path)


def test_without_coverage_nothing_is_judged(tmp_path, capsys):
    assert covered_enough([], [], tmp_path)
    assert capsys.readouterr().out == ""
