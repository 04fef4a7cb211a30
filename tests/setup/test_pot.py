"""Which addons are exported to compare their terms, and from which database."""

import logging
from contextlib import contextmanager

import polib
import pytest

import pot
from addons import Addon, ready_addons
from pot import TOOLS, check_all, choose_template
from templates import templates_for_tests

ADDONS = {
    "kpi_low": ["base"],
    "kpi_high": ["kpi_low"],
    "kpi_top": ["kpi_high"],
    "kpi_other": ["kpi_low"],
}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """The root of addons with a term each, which their template of terms holds."""
    monkeypatch.delenv("KPI_LONG", raising=False)
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pot, "ROOT", tmp_path)
    (tmp_path / "home").mkdir()
    for name, depends in ADDONS.items():
        write(tmp_path / name / "__manifest__.py", str({"depends": depends}))
        write(tmp_path / name / "models/term.py", "Height")
    for tool in TOOLS:
        write(tmp_path / tool, "")
    return tmp_path


@pytest.fixture
def exported(tree, monkeypatch):
    """Compares all addons: whether they are current, and which were exported."""

    @contextmanager
    def open_database(_addons):
        yield None

    def run(fix=False, unread=None):
        names = []

        def export(_env, name):
            names.append(name)
            if name == unread:
                logging.getLogger("odoo.tools.translate").error("not read")
            file = polib.POFile()
            term = (tree / name / "models/term.py").read_text()
            file.append(polib.POEntry(msgid=term))
            return file

        monkeypatch.setattr(pot, "export", export)
        monkeypatch.setattr(pot, "_open_database", open_database)
        monkeypatch.setattr(pot, "_names_of_screens", lambda _env: set())
        return check_all([Addon(tree / name) for name in ADDONS], fix), names

    return run


@pytest.fixture
def current(exported):
    """All of it written, and compared."""
    assert exported(fix=True) == (True, [*ADDONS])


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_what_is_not_current_is_exported_until_it_is(tree, exported):
    assert exported() == (False, [*ADDONS])
    assert exported() == (False, [*ADDONS])
    assert exported(fix=True) == (True, [*ADDONS])
    assert exported() == (True, [])
    # unchanged since, with the current file
    write(tree / "kpi_top/i18n/kpi_top.pot", "")
    assert exported() == (False, ["kpi_top"])


@pytest.mark.usefixtures("current")
def test_a_model_counts_for_the_addons_below_and_above(tree, exported):
    write(tree / "kpi_high/models/kpi.py", "")
    assert exported() == (True, ["kpi_low", "kpi_high", "kpi_top"])
    assert exported() == (True, [])


@pytest.mark.usefixtures("current")
@pytest.mark.parametrize("file", ["static/src/tile.js", "tests/test_kpi.py"])
def test_what_is_in_no_database_counts_for_the_addon_alone(tree, exported, file):
    write(tree / "kpi_low" / file, "")
    assert exported() == (True, ["kpi_low"])


@pytest.mark.usefixtures("current")
@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_count_for_all(tree, exported, tool):
    write(tree / tool, "changed")
    assert exported() == (True, [*ADDONS])


@pytest.mark.usefixtures("current")
def test_a_long_run_exports_all(exported, monkeypatch):
    monkeypatch.setenv("KPI_LONG", "1")
    assert exported() == (True, [*ADDONS])


def test_a_file_that_odoo_cannot_read_is_found_again(exported, capsys):
    assert exported(fix=True, unread="kpi_high") == (False, [*ADDONS])
    assert capsys.readouterr().out.count("not read") == 1
    assert exported(unread="kpi_high") == (False, ["kpi_high"])
    assert exported() == (True, ["kpi_high"])
    assert exported() == (True, [])


@pytest.mark.usefixtures("current")
def test_words_that_are_only_ours_are_found_again(tree, exported):
    write(tree / "kpi_top/models/term.py", "The alert fires")
    assert exported(fix=True)[0] is False
    assert exported() == (False, ["kpi_top"])


@pytest.mark.parametrize(
    ("made", "chosen"),
    [
        ({"gallery", "counted", "plain"}, "gallery"),
        ({"counted", "plain"}, "counted"),
        ({"plain"}, None),
    ],
)
def test_a_database_of_the_tests_that_has_all_addons_is_chosen(
    monkeypatch, made, chosen
):
    ready = ready_addons()
    kinds = templates_for_tests(ready)
    addons = [addon for addon in ready if not addon.is_demo]
    names = {kinds[kind].name for kind in made}
    monkeypatch.setattr(pot.databases, "exists", names.__contains__)
    template = choose_template(addons)
    if chosen:
        assert template == kinds[chosen]
    assert set(template.addons) == set(addons)
