"""Tests of pure code run without Odoo, whichever addon that code is in."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import SimpleNamespace

import pytest

from addons import ROOT

PACKAGES = ("kpi_low", "kpi_high", "kpi_high/tests", "kpi_low/tests")
FILES = {
    "kpi_low/__manifest__.py": "{}",
    "kpi_low/engine/periods.py": "class Period: pass\n",
    "kpi_low/tests/engine/cases.py": "CASES = [1]\n",
    "kpi_high/__manifest__.py": "{}",
    "kpi_high/engine/use.py": "from odoo.addons.kpi_low.engine import periods\n"
    "from . import own\n",
    "kpi_high/engine/own.py": "class Own: pass\n",
}


@pytest.fixture
def tree(tmp_path):
    """Two addons; the packages that import Odoo's models fail when they are run."""
    for name, text in FILES.items():
        write(tmp_path / name, text)
    for name in PACKAGES:
        write(tmp_path / name / "__init__.py", "from odoo import models\n")
    for name in ("engine", "tests/engine"):
        for addon in ("kpi_low", "kpi_high"):
            write(tmp_path / addon / name / "__init__.py", "")
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def run_pytest(tree, *arguments, **variables):
    """Beside an Odoo that can be imported, as the commands have it."""
    write(tree / "lib/odoo/fields.py", "")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=tree,
        env=dict(os.environ, PYTHONPATH=str(tree / "lib"), **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "body",
    [
        # a module's two names, whichever is imported first
        "from ...engine import use\n"
        "from odoo.addons.kpi_low.engine.periods import Period\n"
        "import kpi_low.engine.periods as plain\n"
        "assert isinstance(plain.Period(), Period)\n"
        "assert use.periods is plain\n",
        "import kpi_low.engine.periods as plain\n"
        "import odoo.addons.kpi_low.engine.periods\n"
        "assert odoo.addons.kpi_low.engine.periods is plain\n"
        "assert plain.__spec__.name == plain.__name__\n",
        # an addon names itself as others name it
        "from odoo.addons.kpi_high.engine.own import Own\n"
        "from ...engine.use import own\n"
        "assert own.Own is Own\n",
        # what another's tests read
        "from odoo.addons.kpi_low.tests.engine.cases import CASES\n"
        "assert CASES == [1]\n",
        # what is no addon of ours is not found, even where Odoo is
        "import pytest\n"
        "names = 'odoo.fields', 'odoo.addons.mail', 'odoo.addons.kpi_low.models'\n"
        "for name in names:\n"
        "    with pytest.raises(ModuleNotFoundError):\n"
        "        __import__(name)\n",
    ],
    ids=["both_names", "its_spec_stays", "own_addon", "cases", "nothing_else"],
)
def test_pure_code_of_two_addons_is_one_module_each(tree, body):
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    write(tree / "kpi_high/tests/engine/test_use.py", f"def test_it():\n{lines}")
    process = run_pytest(tree, "-W", "error", "kpi_high/tests/engine")
    assert process.stdout.splitlines()[-1].startswith("1 passed"), process.stdout


def test_real_odoo_is_there_for_tests_across_addons(tree):
    write(tree / "tests/test_fields.py", "def test_it():\n    import odoo.fields\n")
    process = run_pytest(tree, "tests")
    assert process.stdout.splitlines()[-1].startswith("1 passed"), process.stdout


def test_run_that_needs_both_kinds_of_odoo_is_refused(tree):
    write(tree / "tests/test_none.py", "")
    process = run_pytest(tree, "tests", "kpi_high/tests/engine")
    assert process.returncode == pytest.ExitCode.USAGE_ERROR
    assert "need a run each" in process.stderr


CLASSES = [f"Test{letter}" for letter in "ABCDEFGH"]


def list_tests(tree, seed):
    process = run_pytest(tree, "kpi_high/tests", "--collect-only", KPI_SHUFFLE=seed)
    return [line for line in process.stdout.splitlines() if "::" in line]


def test_classes_run_in_the_order_of_a_seed_and_their_tests_as_written(tree):
    methods = "    def test_1(self): ...\n    def test_2(self): ...\n"
    lines = "".join(f"class {name}:\n{methods}" for name in CLASSES)
    write(tree / "kpi_high/tests/engine/test_many.py", lines)
    plain, first, second = (list_tests(tree, seed) for seed in ("", "1", "2"))
    assert len({*map(tuple, (plain, first, second))}) == 3
    assert sorted(plain) == sorted(first) == sorted(second)
    assert first == list_tests(tree, "1")
    assert first[::2] == [name.replace("test_2", "test_1") for name in first[1::2]]


def test_nothing_is_replaced_beside_the_odoo_plug_in(tree):
    loader = SourceFileLoader("tree_conftest", str(tree / "conftest.py"))
    conftest = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(conftest)
    before = dict(sys.modules), list(sys.meta_path)
    manager = SimpleNamespace(hasplugin=lambda name: name == "odoo")
    conftest.pytest_configure(SimpleNamespace(pluginmanager=manager))
    assert (dict(sys.modules), list(sys.meta_path)) == before
