"""Put the tables and documents of the predecessor (18.1) aside, so that none is lost.

Models of the same name, other columns: without this the update would drop columns,
members and what hangs on records of models that are no more. All of it is one
transaction with the update: a failure leaves the database as it was.
"""

from openupgradelib import openupgrade

TABLES = [
    ("kpi_report", "kpi_tracking_18_report"),
    ("kpi_report_group", "kpi_tracking_18_group"),
    ("kpi_report_submission", "kpi_tracking_18_submission"),
    ("kpi_report_group_submission", "kpi_tracking_18_group_submission"),
    ("kpi_report_res_users_rel", "kpi_tracking_18_report_user"),
    ("hr_employee_kpi_report_group_rel", "kpi_tracking_18_group_employee"),
]
GROUPS = [
    (f"kpi_tracking.group_kpi_{name}", f"kpi_tracking.kpi_tracking_group_{name}")
    for name in ("user", "manager", "admin")
]
DOCUMENTS = [
    ("mail_message", "model"),
    ("mail_followers", "res_model"),
    ("mail_activity", "res_model"),
    ("ir_attachment", "res_model"),
]
GONE = {  # what the predecessor's own data made of old fields
    "ir.ui.view": "ir_ui_view",
    "ir.actions.act_window": "ir_act_window",
    "ir.ui.menu": "ir_ui_menu",
    "ir.rule": "ir_rule",
}


@openupgrade.migrate()
def migrate(env, version):
    if not version.startswith("18."):
        return
    missing = [old for old, _new in TABLES if not openupgrade.table_exists(env.cr, old)]
    if missing:
        raise RuntimeError(
            "This database says that kpi_tracking 18.1 is installed, but has no table"
            f" {', '.join(missing)}. Nothing was changed: restore the database as it"
            " was under 18.1 and update again."
        )
    openupgrade.rename_xmlids(env.cr, GROUPS)
    park_documents(env)
    openupgrade.rename_tables(env.cr, TABLES)
    forget_data(env)
    env.cr.execute(
        "UPDATE ir_filters SET active = FALSE WHERE model_id LIKE 'kpi.report%'"
    )


def park_documents(env):
    """Give messages, followers, activities and files names that no record has."""
    for table, column in DOCUMENTS:
        openupgrade.logged_query(
            env.cr,
            f"""
            UPDATE {table}
               SET {column} = 'kpi_tracking_18.' || {column}
             WHERE {column} IN ('kpi.report', 'kpi.report.group',
                                'kpi.report.submission', 'kpi.report.group.submission')
            """,
        )


def forget_data(env):
    """Take away screens and rules over fields that are no more."""
    for model, table in GONE.items():
        openupgrade.logged_query(
            env.cr,
            f"""
            DELETE FROM {table}
                  WHERE id IN (SELECT res_id FROM ir_model_data
                                WHERE module = 'kpi_tracking' AND model = %s)
            """,
            (model,),
        )
        openupgrade.logged_query(
            env.cr,
            "DELETE FROM ir_model_data WHERE module = 'kpi_tracking' AND model = %s",
            (model,),
        )
