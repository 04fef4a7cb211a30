"""Every row of the predecessor is found again, or all is undone."""

import logging

from openupgradelib import openupgrade

_logger = logging.getLogger(__name__)

NAMED = 10  # of those rows, so that somebody can look
SUBMISSIONS = {
    "submissions": "kpi_tracking_18_submission",
    "group submissions": "kpi_tracking_18_group_submission",
}
# What → ids of rows of the predecessor that nothing became of.
LOST = {
    "KPIs": """
        SELECT old.id::text FROM kpi_tracking_18_report AS old
         WHERE NOT EXISTS (SELECT 1 FROM kpi_report
                            WHERE definition_id = old.new_definition_id)
      ORDER BY old.id
    """,
    "assigned users": """
        SELECT old.res_users_id || ' of KPI ' || old.kpi_report_id
          FROM kpi_tracking_18_report_user AS old
         WHERE old.is_former IS NULL
           AND NOT EXISTS (SELECT 1 FROM kpi_report AS report
                            WHERE report.id = old.new_report_id
                              AND report.user_id = old.res_users_id)
           AND NOT EXISTS (SELECT 1 FROM kpi_report_shared_user_rel AS shared
                            WHERE shared.kpi_report_id = old.new_report_id
                              AND shared.res_users_id = old.res_users_id)
      ORDER BY old.kpi_report_id, old.res_users_id
    """,
    "groups": """
        SELECT old.id::text FROM kpi_tracking_18_group AS old
         WHERE NOT EXISTS (SELECT 1 FROM kpi_report_group WHERE id = old.new_group_id)
      ORDER BY old.id
    """,
    "group members": """
        SELECT old.hr_employee_id || ' of group ' || old.kpi_report_group_id
          FROM kpi_tracking_18_group_employee AS old
          JOIN kpi_tracking_18_group AS kpi_group
            ON kpi_group.id = old.kpi_report_group_id
          JOIN hr_employee AS employee ON employee.id = old.hr_employee_id
         WHERE employee.user_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM kpi_report_group_member_rel AS member
                            WHERE member.kpi_report_group_id = kpi_group.new_group_id
                              AND member.res_users_id = employee.user_id)
      ORDER BY old.kpi_report_group_id, old.hr_employee_id
    """,
    **{
        what: f"""
        SELECT old.id::text FROM {table} AS old
         WHERE NOT EXISTS (SELECT 1 FROM kpi_submission WHERE id = old.new_id)
           AND COALESCE(value, 0) NOT IN ('NaN', 'Infinity', '-Infinity')
      ORDER BY old.id
        """
        for what, table in SUBMISSIONS.items()
    },
    "values": """
        SELECT entry.report_id || ' at ' || entry.period_start
          FROM kpi_submission AS entry
         WHERE is_current
           AND NOT EXISTS (SELECT 1 FROM kpi_measurement AS fact
                            WHERE fact.report_id = entry.report_id
                              AND fact.grain = entry.grain
                              AND fact.period_start = entry.period_start
                              AND fact.value = entry.value)
      ORDER BY entry.report_id, entry.period_start
    """,
}
# The old addon could store what is no number; nothing here can hold it.
NO_NUMBERS = {
    what: f"""
        SELECT id::text FROM {table}
         WHERE value IN ('NaN', 'Infinity', '-Infinity') ORDER BY id
    """
    for what, table in SUBMISSIONS.items()
}
# What hangs on records that became nothing, mostly as they had been deleted before.
# Odoo fails on names of models that are no more, so nothing may keep one.
ORPHANS = {
    "mail_message": "UPDATE mail_message SET model = NULL, res_id = NULL WHERE model",
    "ir_attachment": """
        UPDATE ir_attachment SET res_model = NULL, res_id = NULL WHERE res_model
    """,
    "mail_activity": """
        UPDATE mail_activity
           SET active = FALSE, res_model = NULL, res_model_id = NULL, res_id = NULL,
               user_id = COALESCE(user_id, create_uid, 1)
         WHERE res_model
    """,
    "mail_followers": "DELETE FROM mail_followers WHERE res_model",
    "ir_model_data": "DELETE FROM ir_model_data WHERE model",
}


def run(env):
    lost = {what: first_column(env, query) for what, query in LOST.items()}
    if any(lost.values()):
        raise RuntimeError(
            "The upgrade of kpi_tracking would lose rows, so all of it was undone: "
            + "; ".join(named(what, ids) for what, ids in lost.items() if ids)
        )
    for what, query in NO_NUMBERS.items():
        ids = first_column(env, query)
        if ids:
            _logger.warning(
                "Left in the old tables, as their values are no numbers: %s",
                named(what, ids),
            )
    for table, change in ORPHANS.items():
        query = change + " LIKE 'kpi\\_tracking\\_18.%%'"
        number = openupgrade.logged_query(env.cr, query)
        if number:
            _logger.warning("%s of deleted KPIs taken off them: %s", table, number)
    env.invalidate_all()
    tag = env["kpi.tag"].search([("name", "=", "Check after the upgrade")])
    unfinished = env["kpi.definition"].search([("tag_ids", "in", tag.ids)])
    _logger.info(
        "kpi_tracking: everything of 18.1 was taken over; %s KPIs wait for somebody to"
        " say how they are computed: %s",
        len(unfinished),
        ", ".join(unfinished.mapped("name")) or "none",
    )


def named(what, ids):
    """“2 submissions (7, 9)”."""
    more = ", …" if len(ids) > NAMED else ""
    return f"{len(ids)} {what} ({', '.join(ids[:NAMED])}{more})"


def first_column(env, query):
    env.cr.execute(query)
    return [value for (value,) in env.cr.fetchall()]
