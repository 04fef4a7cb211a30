"""Messages, followers, activities, files, external ids go to what became of records."""

from openupgradelib import openupgrade

# Where a KPI is tracked for several, its discussion is that of the definition.
HEIRS = """
    CREATE TEMPORARY TABLE kpi_heir ON COMMIT DROP AS
    SELECT 'kpi_tracking_18.kpi.report' AS old_model, old.id AS old_id,
           CASE WHEN tracked.count = 1 THEN 'kpi.report' ELSE 'kpi.definition' END
               AS model,
           CASE WHEN tracked.count = 1 THEN tracked.report_id
                ELSE old.new_definition_id END AS id
      FROM kpi_tracking_18_report AS old
CROSS JOIN LATERAL (
        SELECT count(*), min(id) AS report_id FROM kpi_report
         WHERE definition_id = old.new_definition_id AND active
      ) AS tracked
     UNION ALL
    SELECT 'kpi_tracking_18.kpi.report.group', id, 'kpi.report.group', new_group_id
      FROM kpi_tracking_18_group
     UNION ALL
    SELECT 'kpi_tracking_18.kpi.report.submission', id, 'kpi.submission', new_id
      FROM kpi_tracking_18_submission
     UNION ALL
    SELECT 'kpi_tracking_18.kpi.report.group.submission', id, 'kpi.submission', new_id
      FROM kpi_tracking_18_group_submission
"""
TABLES = {
    "mail_message": "model",
    "mail_followers": "res_model",
    "mail_activity": "res_model",
    "ir_attachment": "res_model",
    "ir_model_data": "model",
}
# Whoever follows the heir already, as the one who has a to-do there.
DOUBLE_FOLLOWERS = """
    DELETE FROM mail_followers AS old
          USING kpi_heir AS heir, mail_followers AS new
          WHERE old.res_model = heir.old_model
            AND old.res_id = heir.old_id
            AND new.res_model = heir.model
            AND new.res_id = heir.id
            AND new.partner_id = old.partner_id
"""
# Else the end of the update deletes records that its data files do not name.
KEPT_RECORDS = """
    UPDATE ir_model_data SET noupdate = TRUE
     WHERE module = 'kpi_tracking' AND model LIKE 'kpi_tracking_18.%%'
"""


def run(env):
    env.cr.execute(HEIRS)
    openupgrade.logged_query(env.cr, DOUBLE_FOLLOWERS)
    openupgrade.logged_query(env.cr, KEPT_RECORDS)
    for table, column in TABLES.items():
        openupgrade.logged_query(
            env.cr,
            f"""
            UPDATE {table} AS document
               SET {column} = heir.model, res_id = heir.id
              FROM kpi_heir AS heir
             WHERE document.{column} = heir.old_model
               AND document.res_id = heir.old_id
               AND heir.id IS NOT NULL
            """,
        )
    openupgrade.logged_query(
        env.cr,
        """
        UPDATE mail_activity AS activity
           SET res_model_id = model.id
          FROM ir_model AS model
         WHERE model.model = activity.res_model
           AND model.id <> activity.res_model_id
           AND activity.res_model LIKE 'kpi.%%'
        """,
    )
    env.invalidate_all()
