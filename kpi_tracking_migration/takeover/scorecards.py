"""KPI groups of the predecessor become scorecards.

Their recorded achievements become a KPI of their own on the scorecard, of weight 0:
shown beside the figure of today, which is made from the values.
"""

from odoo import Command
from odoo.tools import plaintext2html

ADDED_COLUMNS = """
    ALTER TABLE kpi_tracking_18_group ADD COLUMN new_group_id integer;
    ALTER TABLE kpi_tracking_18_group ADD COLUMN new_report_id integer
"""
GROUPS = """
    SELECT kpi_group.id,
           COALESCE(NULLIF(trim(name), ''), 'Scorecard ' || kpi_group.id) AS name,
           description, department, create_uid,
           ARRAY(SELECT DISTINCT employee.user_id
                   FROM kpi_tracking_18_group_employee AS member
                   JOIN hr_employee AS employee ON employee.id = member.hr_employee_id
                  WHERE member.kpi_report_group_id = kpi_group.id
                    AND employee.user_id IS NOT NULL) AS user_ids,
           EXISTS (SELECT 1 FROM kpi_tracking_18_group_submission
                    WHERE report_id = kpi_group.id) AS has_submissions
      FROM kpi_tracking_18_group AS kpi_group
  ORDER BY kpi_group.id
"""
# The weight of a KPI is shared by those whom it is tracked for.
LINES = """
    SELECT report.company_id, report.id,
           definition.weight / count(*) OVER (PARTITION BY definition.id) AS weight
      FROM kpi_tracking_18_report AS old
      JOIN kpi_definition AS definition ON definition.id = old.new_definition_id
      JOIN kpi_report AS report ON report.definition_id = definition.id
     WHERE old.report_id = %s
       AND report.active
  ORDER BY old.id, report.id
"""
DEPARTMENT = """
    SELECT id FROM hr_department
     WHERE active AND company_id = %s AND lower(name->>'en_US') = lower(%s)
  ORDER BY id LIMIT 1
"""
LABELS = {"hr": "HR", "rnd": "R&D", "it": "IT", "admin": "Administration"}


def run(env):
    env.cr.execute(ADDED_COLUMNS)
    env.cr.execute(GROUPS)
    for row in env.cr.dictfetchall():
        migrate_group(env, row)
    env.flush_all()


def migrate_group(env, row):
    """A scorecard for each company that has KPIs of the group, the first keeps all."""
    lines = lines_by_company(env, row)
    scorecards = env["kpi.report.group"].create(
        [
            scorecard_values(env, row, company, lines.get(company, []))
            for company in lines or [env.company]
        ]
    )
    recorded = None
    if row["has_submissions"]:
        recorded = recorded_achievement(env, row["name"], scorecards[0])
    env.cr.execute(
        """
        UPDATE kpi_tracking_18_group SET new_group_id = %s, new_report_id = %s
         WHERE id = %s
        """,
        (scorecards[0].id, recorded and recorded.id, row["id"]),
    )


def lines_by_company(env, row):
    env.cr.execute(LINES, (row["id"],))
    lines = {}
    for company_id, report_id, weight in env.cr.fetchall():
        company = env["res.company"].browse(company_id)
        lines.setdefault(company, []).append((report_id, weight))
    return lines


def scorecard_values(env, row, company, lines):
    # Named as one of the predecessor's fixed departments, where there is one.
    name = LABELS.get(row["department"], row["department"])
    env.cr.execute(DEPARTMENT, (company.id, name or ""))
    (department_id,) = env.cr.fetchone() or (False,)
    members = env["res.users"].browse(row["user_ids"])
    members = members.filtered(lambda user: company in user.company_ids)
    return {
        "name": row["name"],
        "description": row["description"] and plaintext2html(row["description"]),
        "company_id": company.id,
        "department_id": department_id,
        "owner_id": env["res.users"].browse(row["create_uid"]).exists().id,
        "member_ids": [Command.set(members.ids)],
        "line_ids": [
            Command.create({"report_id": report_id, "weight": weight})
            for report_id, weight in lines
        ],
    }


def recorded_achievement(env, name, scorecard):
    """The KPI that holds what the predecessor recorded of a group."""
    definition = env["kpi.definition"].create(
        {
            "name": f"{name}: achievement as recorded until the upgrade",
            "company_id": scorecard.company_id.id,
            "computation": "external",
            "unit": "percent",
            "decimals": 2,
            "frequency": "day",
            "aggregation_time": "last",
        }
    )
    report = definition._track_for("company", scorecard.company_id)
    env["kpi.target"].create(
        {"report_id": report.id, "date_from": "2000-01-01", "value": 100.0}
    )
    scorecard.line_ids = [Command.create({"report_id": report.id, "weight": 0.0})]
    return report
