"""Which addons there are, in which order, and when a database must follow them."""

import pytest

from addons import Addon, our_addons, split_by_dependencies
from database_url import libpq_variables


def make_addon(root, name, *depends, **manifest):
    folder = root / name
    folder.mkdir()
    (folder / "__manifest__.py").write_text(
        repr({"name": name, "depends": list(depends), **manifest})
    )
    return Addon(folder)


def test_every_installable_folder_with_a_manifest_is_an_addon(tmp_path):
    make_addon(tmp_path, "kpi_one")
    make_addon(tmp_path, "kpi_old", installable=False)
    (tmp_path / "docs").mkdir()
    assert list(our_addons(tmp_path)) == ["kpi_one"]


def test_addons_come_after_those_they_need_and_others_name_what_is_missing(tmp_path):
    make_addon(tmp_path, "a_top", "kpi_base", "crm")
    make_addon(tmp_path, "kpi_base", "mail")
    make_addon(tmp_path, "kpi_sign", "kpi_base", "sign")
    make_addon(tmp_path, "kpi_signer", "kpi_sign")
    ready, missing = split_by_dependencies(our_addons(tmp_path), ["mail", "crm"])
    assert [addon.name for addon in ready] == ["kpi_base", "a_top"]
    assert missing == {"kpi_sign": ["sign"], "kpi_signer": ["kpi_sign"]}


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("models/kpi.py", True),
        ("views/kpi_views.xml", True),
        ("i18n/de.po", True),
        ("i18n/kpi_one.pot", False),  # what translators start from
        ("static/src/gauge.js", False),  # served from the files
        ("tests/models/test_kpi.py", False),
    ],
)
def test_database_follows_what_it_holds(tmp_path, file, changes):
    addon = make_addon(tmp_path, "kpi_one")
    path = addon.path / file
    path.parent.mkdir(parents=True)
    path.write_text("one")
    before = addon.database_hash
    path.write_text("two")
    assert (addon.database_hash != before) is changes


@pytest.mark.parametrize(
    ("url", "variables"),
    [
        ("postgresql://db.example/", {"PGHOST": "db.example", "PGPORT": "5432"}),
        (
            "postgres://me:p%40ss@10.0.0.1:5433/ignored",
            {
                "PGHOST": "10.0.0.1",
                "PGPORT": "5433",
                "PGUSER": "me",
                "PGPASSWORD": "p@ss",
            },
        ),
    ],
)
def test_database_url_becomes_the_variables_of_libpq(url, variables):
    assert libpq_variables(url) == variables
