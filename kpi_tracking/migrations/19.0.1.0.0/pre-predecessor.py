"""Put the tables and documents of the predecessor (18.1) aside, so that none is lost.

Models of the same name, other columns: without this the update would drop columns,
members and what hangs on records of models that are no more. All of it is one
transaction with the update: a failure leaves the database as it was.
"""

import logging

from openupgradelib import openupgrade

from odoo.addons.kpi_base.hooks import is_predecessor

_logger = logging.getLogger(__name__)

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
DOCUMENTS = [
    ("mail_message", "model"),
    ("mail_followers", "res_model"),
    ("mail_activity", "res_model"),
    ("ir_attachment", "res_model"),
    ("ir_model_data", "model"),
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
# What people of this database made over the old fields: preserved, but out of use.
OUT_OF_USE = {
    "ir_ui_view": "model = ANY(%(models)s)",
    "ir_filters": "model_id = ANY(%(models)s)",
    "ir_rule": "model_id IN (SELECT id FROM ir_model WHERE model = ANY(%(models)s))",
    "ir_model_access": (
        "model_id IN (SELECT id FROM ir_model WHERE model = ANY(%(models)s))"
    ),
    "ir_cron": """ir_actions_server_id IN (
        SELECT action.id FROM ir_act_server AS action
          JOIN ir_model AS model ON model.id = action.model_id
         WHERE model.model = ANY(%(models)s))""",
    "base_automation": (
        "model_id IN (SELECT id FROM ir_model WHERE model = ANY(%(models)s))"
    ),
}


@openupgrade.migrate()
def migrate(env, version):
    if not is_predecessor(version):
        refuse_other_predecessor(env, version)
        return
    missing = [old for old, _new in TABLES if not openupgrade.table_exists(env.cr, old)]
    if missing:
        raise RuntimeError(
            "This database says that kpi_tracking 18.1 is installed, but has no table"
            f" {', '.join(missing)}. Nothing was changed: restore the database as it"
            " was under 18.1 and update again."
        )
    park_documents(env)
    openupgrade.rename_tables(env.cr, TABLES)
    forget_data(env)
    put_out_of_use(env)


def refuse_other_predecessor(env, version):
    """Updating over tables of a version that is not known would drop their columns."""
    if openupgrade.column_exists(env.cr, "kpi_report", "kpi_type"):
        raise RuntimeError(
            f"This database has KPIs of kpi_tracking {version}; only those of 18.1 can"
            " be taken over. Nothing was changed: update the database to 18.1 first."
        )


def park_documents(env):
    """Give what hangs on records by name and id names that no record has."""
    for table, column in DOCUMENTS:
        openupgrade.logged_query(
            env.cr,
            f"""
            UPDATE {table}
               SET {column} = 'kpi_tracking_18.' || {column}
             WHERE {column} = ANY(%s)
            """,
            (list(MODELS),),
        )


def forget_data(env):
    """Take away screens and rules over fields that are no more."""
    for model, table in GONE.items():
        env.cr.execute(
            """
            DELETE FROM ir_model_data
                  WHERE module = 'kpi_tracking' AND model = %s
              RETURNING res_id
            """,
            (model,),
        )
        gone = {"gone": [res_id for (res_id,) in env.cr.fetchall()]}
        if model in LOOSENED:
            openupgrade.logged_query(env.cr, LOOSENED[model], gone)
        openupgrade.logged_query(
            env.cr, f"DELETE FROM {table} WHERE id = ANY(%(gone)s)", gone
        )


def put_out_of_use(env):
    """Archive what people made over the old fields, which would fail or open doors."""
    for table, condition in OUT_OF_USE.items():
        if not openupgrade.table_exists(env.cr, table):
            continue
        count = openupgrade.logged_query(
            env.cr,
            f"UPDATE {table} SET active = FALSE WHERE active AND {condition}",
            {"models": list(MODELS)},
        )
        if count:
            _logger.warning(
                "Archived, as made for kpi_tracking 18.1: %s %s", count, table
            )
