"""The demo company, which uses everything, leaves addon by addon down to plain Odoo.

What Odoo is made of then is compared with a database that never had an addon of ours.
Only with --long: each addon takes Odoo a minute.
"""

import re
from contextlib import closing

import pytest

pytestmark = pytest.mark.long
# of the database itself, of what people see, and of what Odoo knows things by
INVENTORY = {
    "relations": """
        SELECT relname FROM pg_class
         WHERE relnamespace = current_schema()::regnamespace
    """,
    "constraints": "SELECT conname FROM pg_constraint",
    "columns": """
        SELECT table_name || '.' || column_name || ' ' || data_type
          FROM information_schema.columns WHERE table_schema = current_schema()
    """,
    "functions": """
        SELECT proname FROM pg_proc
         WHERE pronamespace = current_schema()::regnamespace
    """,
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "schemas": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'",
    "models": "SELECT model FROM ir_model",
    "crons": "SELECT cron_name FROM ir_cron",
    "menus": "SELECT name ->> 'en_US' FROM ir_ui_menu",
    "groups": "SELECT name ->> 'en_US' FROM res_groups",
    "xmlids": "SELECT module || '.' || name FROM ir_model_data",
    "attachments": """
        SELECT DISTINCT res_model FROM ir_attachment WHERE res_model IS NOT NULL
    """,
}
# Records of Odoo that the story of the demo company made, known by its exports and by
# nothing of ours; the files are those of these records.
OF_THE_STORY = {
    "xmlids": r"^__(export|import)__\.",
    "attachments": r"^(?!kpi\.)",
}


@pytest.fixture(scope="module")
def plain():
    """What a database is made of that never had an addon of ours."""
    import databases
    from templates import foundation_copy

    with foundation_copy("demo") as name, closing(databases.connect(name)) as found:
        yield _list_inventory(found)


@pytest.fixture(scope="module")
def module_database():
    """A copy of the demo company."""
    from odoo.modules.registry import Registry

    from templates import template_copy

    with template_copy("demo") as name:
        yield name
        Registry.delete(name)


@pytest.fixture(scope="module", autouse=True)
def quick_to_leave(registry):
    """What takes time and removes nothing: reading hundreds of manifests."""
    from odoo.addons.base.models.ir_module import IrModuleModule

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IrModuleModule, "update_list", lambda self: [0, 0])
        yield


def _list_inventory(connection):
    found = {}
    with connection.cursor() as cursor:
        for kind, statement in INVENTORY.items():
            cursor.execute(statement)
            found[kind] = {name for (name,) in cursor.fetchall()}
    return found


def test_the_demo_company_has_used_what_could_stay(env):
    """Else the tests below would say nothing."""
    for model in (
        "kpi.submission",
        "kpi.tat.request",
        "kpi.post.implementation.review",
    ):
        assert env[model].search_count([("approval_workflow_id", "!=", False)]), model
    for model in ("kpi.alert.event", "kpi.import", "kpi.dashboard", "kpi.audit.log"):
        assert env[model].search_count([]), model


def test_every_addon_leaves_and_nothing_stays(env, plain):
    import databases
    from addons import our_addons

    database = env.cr.dbname
    log = env["kpi.audit.log"].search_count([])
    env.cr.rollback()
    for addon in [*_list_from_above(our_addons()), "kpi_base"]:
        _uninstall(database, addon)

    with closing(databases.connect(database)) as connection:
        left = _list_inventory(connection)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM ir_attachment WHERE name LIKE 'audit-log-%'"
            )
            assert cursor.fetchall() == [(f"audit-log-{log}.jsonl.gz",)]
    extra = {
        kind: sorted(
            name
            for name in names - plain[kind]
            if not re.search(OF_THE_STORY.get(kind, "^$"), name)
        )
        for kind, names in left.items()
    }
    missing = {kind: sorted(plain[kind] - names) for kind, names in left.items()}
    assert {kind: names for kind, names in extra.items() if names} == {}
    assert {kind: names for kind, names in missing.items() if names} == {}


def _list_from_above(addons):
    """Names of the addons but ``kpi_base``, those that others stand on last."""
    left = {name: addon for name, addon in addons.items() if name != "kpi_base"}
    while left:
        needed = {name for addon in left.values() for name in addon.depends}
        top = sorted(left.keys() - needed)
        yield from top
        for name in top:
            del left[name]


def _uninstall(database, addon):
    """Uninstall in a registry of what is there."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with closing(Registry(database).cursor()) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        module = env["ir.module.module"].search([("name", "=", addon)])
        if module.state == "installed":
            module.button_immediate_uninstall()
            cr.commit()
            env = api.Environment(cr, SUPERUSER_ID, {})
            state = env["ir.module.module"].browse(module.id).state
            assert state == "uninstalled", addon
