"""Takes over the KPIs of kpi_tracking 18.1 while kpi_tracking is updated.

Models of the same name, other columns: without this the update would drop columns,
members and what hangs on records of models that are no more. All of it is one
transaction with the update: a failure leaves the database as it was.
"""

import logging
import re

from openupgradelib import openupgrade

from . import check, documents, kpis, scorecards, submissions

_logger = logging.getLogger(__name__)

# Odoo 18 wrote "18.1.0" of a manifest down as "18.0.18.1.0"
PREDECESSOR = re.compile(r"(18\.0\.)?18\.1(\.\d+)*")
INSTALLED = {"installed", "to upgrade", "to install"}
GROUPS = ("user", "manager", "admin")
MODELS = (
    "kpi.report",
    "kpi.report.group",
    "kpi.report.submission",
    "kpi.report.group.submission",
)
TABLES = [
    ("kpi_report", "kpi_tracking_18_report"),
    ("kpi_report_group", "kpi_tracking_18_group"),
    ("kpi_report_submission", "kpi_tracking_18_submission"),
    ("kpi_report_group_submission", "kpi_tracking_18_group_submission"),
    ("kpi_report_res_users_rel", "kpi_tracking_18_report_user"),
    ("hr_employee_kpi_report_group_rel", "kpi_tracking_18_group_employee"),
]
GONE = {  # what the predecessor's own data made of old fields
    "ir.ui.view": "ir_ui_view",
    "ir.actions.act_window": "ir_act_window",
    "ir.ui.menu": "ir_ui_menu",
    "ir.rule": "ir_rule",
}
# What hangs on those screens and would keep them from going, or point to nothing.
LOOSENED = {
    "ir.ui.view": """
        UPDATE ir_ui_view
           SET active = FALSE, mode = 'primary', inherit_id = NULL
         WHERE inherit_id = ANY(%(gone)s)
    """,
    "ir.ui.menu": """
        UPDATE ir_ui_menu SET active = FALSE, parent_id = NULL
         WHERE parent_id = ANY(%(gone)s) AND id <> ALL(%(gone)s)
    """,
    "ir.actions.act_window": """
        UPDATE res_users SET action_id = NULL WHERE action_id = ANY(%(gone)s)
    """,
}
OF_MODELS = "model_id IN (SELECT id FROM ir_model WHERE model = ANY(%(models)s))"
# What people of this database made over the old fields: preserved, but out of use.
OUT_OF_USE = {
    "ir_ui_view": "model = ANY(%(models)s)",
    "ir_filters": "model_id = ANY(%(models)s)",
    "ir_rule": OF_MODELS,
    "ir_model_access": OF_MODELS,
    "ir_cron": """ir_actions_server_id IN (
        SELECT action.id FROM ir_act_server AS action
          JOIN ir_model AS model ON model.id = action.model_id
         WHERE model.model = ANY(%(models)s))""",
    "base_automation": OF_MODELS,
}


def begin(cr):
    """Take over the groups of the predecessor, with everybody who is in them.

    Its update installs kpi_base first: groups made anew there would be empty, and the
    old ones would go with their members.
    """
    cr.execute(
        "SELECT latest_version FROM ir_module_module WHERE name = 'kpi_tracking'"
    )
    (version,) = cr.fetchone()
    if not PREDECESSOR.fullmatch(version or ""):
        raise RuntimeError(
            f"This database has KPIs of kpi_tracking {version}; only those of 18.1 can"
            " be taken over. Nothing was changed: update the database to 18.1 first."
        )
    for name in GROUPS:
        cr.execute(
            """
            UPDATE ir_model_data
               SET module = 'kpi_base', name = %s
             WHERE module = 'kpi_tracking' AND name = %s AND model = 'res.groups'
            """,
            (f"kpi_base_group_{name}", f"group_kpi_{name}"),
        )


def set_aside(cr):
    """Put the tables and documents of the predecessor where the update leaves them."""
    missing = [old for old, _new in TABLES if not openupgrade.table_exists(cr, old)]
    if missing:
        raise RuntimeError(
            "This database says that kpi_tracking 18.1 is installed, but has no table"
            f" {', '.join(missing)}. Nothing was changed: restore the database as it"
            " was under 18.1 and update again."
        )
    # What hangs on records by name and id gets names that no record has.
    for table, column in documents.TABLES.items():
        openupgrade.logged_query(
            cr,
            f"""
            UPDATE {table}
               SET {column} = 'kpi_tracking_18.' || {column}
             WHERE {column} = ANY(%s)
            """,
            (list(MODELS),),
        )
    openupgrade.rename_tables(cr, TABLES)
    forget_data(cr)
    put_out_of_use(cr)


def take_over(env):
    """Make KPIs, scorecards and entries of what was set aside, or undo the update.

    This addon is installed, as its uninstallation drops the old tables, and with it
    what comes along with kpi_tracking, which an update alone does not install.
    """
    english = env(context={"tracking_disable": True, "lang": "en_US"})
    kpis.run(english)
    scorecards.run(english)
    submissions.run(env)
    documents.run(env)
    check.run(env)
    apps = env["ir.module.module"].search([("state", "=", "uninstalled")])
    apps.filtered(comes_along).button_install()


def comes_along(module):
    """Return whether nothing else than kpi_tracking was waited for."""
    if module.name == "kpi_tracking_migration":
        return True
    needed = module.dependencies_id.filtered("auto_install_required")
    return (
        module.auto_install
        and "kpi_tracking" in module.dependencies_id.mapped("name")
        and {each.state for each in needed} <= INSTALLED
    )


def forget_data(cr):
    """Take away screens and rules over fields that are no more."""
    for model, table in GONE.items():
        cr.execute(
            """
            DELETE FROM ir_model_data
                  WHERE module = 'kpi_tracking' AND model = %s
              RETURNING res_id
            """,
            (model,),
        )
        gone = {"gone": [res_id for (res_id,) in cr.fetchall()]}
        if model in LOOSENED:
            openupgrade.logged_query(cr, LOOSENED[model], gone)
        openupgrade.logged_query(
            cr, f"DELETE FROM {table} WHERE id = ANY(%(gone)s)", gone
        )


def put_out_of_use(cr):
    """Archive what people made over the old fields, which would fail or open doors."""
    for table, condition in OUT_OF_USE.items():
        if not openupgrade.table_exists(cr, table):
            continue
        count = openupgrade.logged_query(
            cr,
            f"UPDATE {table} SET active = FALSE WHERE active AND {condition}",
            {"models": list(MODELS)},
        )
        if count:
            _logger.warning(
                "Archived, as made for kpi_tracking 18.1: %s %s", count, table
            )
