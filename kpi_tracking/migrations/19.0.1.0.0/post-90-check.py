"""Every row of the predecessor is found again, or all is undone."""

import logging

from openupgradelib import openupgrade

_logger = logging.getLogger(__name__)

# What → rows of the predecessor that nothing became of.
LOST = {
    "KPIs": """
        SELECT count(*) FROM kpi_tracking_18_report AS old
         WHERE NOT EXISTS (SELECT 1 FROM kpi_report
                            WHERE definition_id = old.new_definition_id)
    """,
    "assigned users": """
        SELECT count(*) FROM kpi_tracking_18_report_user AS old
          JOIN kpi_tracking_18_report AS kpi ON kpi.id = old.kpi_report_id
         WHERE old.is_former IS NULL
           AND NOT EXISTS (SELECT 1 FROM kpi_report AS report
                            WHERE report.id = old.new_report_id
                              AND report.user_id = old.res_users_id)
           AND NOT EXISTS (SELECT 1 FROM kpi_report_shared_user_rel AS shared
                            WHERE shared.kpi_report_id = kpi.new_report_id
                              AND shared.res_users_id = old.res_users_id)
    """,
    "groups": """
        SELECT count(*) FROM kpi_tracking_18_group AS old
         WHERE NOT EXISTS (SELECT 1 FROM kpi_report_group WHERE id = old.new_group_id)
    """,
    "group members": """
        SELECT count(*) FROM kpi_tracking_18_group_employee AS old
          JOIN kpi_tracking_18_group AS kpi_group
            ON kpi_group.id = old.kpi_report_group_id
          JOIN hr_employee AS employee ON employee.id = old.hr_employee_id
         WHERE employee.user_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM kpi_report_group_member_rel AS member
                            WHERE member.kpi_report_group_id = kpi_group.new_group_id
                              AND member.res_users_id = employee.user_id)
    """,
    "submissions": """
        SELECT count(*) FROM kpi_tracking_18_submission AS old
         WHERE NOT EXISTS (SELECT 1 FROM kpi_submission WHERE id = old.new_id)
           AND COALESCE(value, 0) > '-Infinity' AND COALESCE(value, 0) < 'Infinity'
    """,
    "group submissions": """
        SELECT count(*) FROM kpi_tracking_18_group_submission AS old
         WHERE NOT EXISTS (SELECT 1 FROM kpi_submission WHERE id = old.new_id)
           AND COALESCE(value, 0) > '-Infinity' AND COALESCE(value, 0) < 'Infinity'
    """,
    "values": """
        SELECT count(*) FROM kpi_submission AS entry
         WHERE is_current
           AND NOT EXISTS (SELECT 1 FROM kpi_measurement AS fact
                            WHERE fact.report_id = entry.report_id
                              AND fact.grain = entry.grain
                              AND fact.period_start = entry.period_start
                              AND fact.value = entry.value)
    """,
}
# Documents of records that had been deleted before: nobody could open them.
ORPHANS = {
    table: f"SELECT count(*) FROM {table} WHERE {column} LIKE 'kpi_tracking_18.%'"
    for table, column in (
        ("mail_message", "model"),
        ("mail_followers", "res_model"),
        ("mail_activity", "res_model"),
        ("ir_attachment", "res_model"),
    )
}


@openupgrade.migrate()
def migrate(env, version):
    if not version.startswith("18."):
        return
    lost = {what: count(env, query) for what, query in LOST.items()}
    lost = {what: number for what, number in lost.items() if number}
    if lost:
        raise RuntimeError(
            "The upgrade of kpi_tracking would lose rows, so all of it was undone: "
            + ", ".join(f"{number} {what}" for what, number in lost.items())
        )
    for table, query in ORPHANS.items():
        number = count(env, query)
        if number:
            _logger.warning("%s of deleted KPIs left alone: %s", table, number)
    tag = env["kpi.tag"].search([("name", "=", "Check after the upgrade")])
    unfinished = env["kpi.definition"].search([("tag_ids", "in", tag.ids)])
    _logger.info(
        "kpi_tracking: everything of 18.1 was taken over; %s KPIs wait for somebody to"
        " say how they are computed: %s",
        len(unfinished),
        ", ".join(unfinished.mapped("name")) or "none",
    )


def count(env, query):
    env.cr.execute(query)
    return env.cr.fetchone()[0]
