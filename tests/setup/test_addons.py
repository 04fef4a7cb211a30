"""Which addons there are, in which order, and when a database must follow them."""

import pytest

from addons import (
    Addon,
    needed_of_odoo,
    our_addons,
    split_by_dependencies,
    with_lower,
)
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


def make_suite(root):
    """Parts on parts, an application, and glue on both."""
    make_addon(root, "kpi_base", "mail")
    make_addon(root, "kpi_core", "kpi_base", "digest")
    make_addon(root, "kpi_core_board", "kpi_core", auto_install=True)
    make_addon(root, "kpi_core_trend", "kpi_core_board", auto_install=True)
    make_addon(root, "kpi_deal", "kpi_core_trend", "kpi_base", "crm")
    make_addon(root, "kpi_deal_account", "kpi_deal", "account", auto_install=True)
    make_addon(root, "kpi_deal_refund", "kpi_deal_account", auto_install=True)
    return our_addons(root)


def test_parts_build_on_ours_only_and_glue_joins_an_app_of_odoo(tmp_path):
    addons = make_suite(tmp_path).values()
    parts = [addon.name for addon in addons if addon.is_part]
    assert parts == ["kpi_core_board", "kpi_core_trend"]
    glue = [addon.name for addon in addons if addon.is_glue]
    assert glue == ["kpi_deal_account", "kpi_deal_refund"]


def test_what_an_addon_needs_goes_through_all_below_it(tmp_path):
    addons = make_suite(tmp_path)
    below = [addon.name for addon in with_lower(addons["kpi_deal"])]
    assert below == [
        "kpi_base",
        "kpi_core",
        "kpi_core_board",
        "kpi_core_trend",
        "kpi_deal",
    ]
    assert needed_of_odoo([addons["kpi_deal"]]) == {"mail", "digest", "crm"}
    assert needed_of_odoo([addons["kpi_core"]]) == {"mail", "digest"}


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
        (
            "postgresql://Me:Pass@%2Fsrv%2FMy%20Sockets:5433/",
            {
                "PGHOST": "/srv/My Sockets",
                "PGPORT": "5433",
                "PGUSER": "Me",
                "PGPASSWORD": "Pass",
            },
        ),
    ],
)
def test_database_url_becomes_the_variables_of_libpq(url, variables):
    assert libpq_variables(url) == variables
