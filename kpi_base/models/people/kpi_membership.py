from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

# Of memberships without an end: lists grouped by it need the first day after its year.
LAST_DAY = date(9998, 12, 31)


class KpiMembership(models.Model):
    """Departments and teams that a user counts for, day by day.

    A row per department above the user's own one, so that a parent contains its
    children by a plain join. The rows of one user, company and department (or team)
    never overlap: a record counts once.
    """

    _name = "kpi.membership"
    _description = "KPI Membership"
    _log_access = False
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    scope_type = fields.Selection(
        [("department", "Department"), ("team", "Team")], "Member Of", required=True
    )
    scope_id = fields.Integer(required=True)
    date_from = fields.Date(required=True)
    date_to = fields.Date(required=True, help="First day after the membership.")

    _user_idx = models.Index("(user_id, company_id, scope_type)")
    _scope_idx = models.Index("(scope_type, scope_id)")

    @api.model
    def _refresh(self):
        """Bring the rows in line with employees, departments and teams.

        A department before the first one on record is that first one: an employee
        file starts on the day it is made, the person's records often earlier.
        """
        for name in ("hr.version", "hr.employee", "hr.department", "kpi.team.member"):
            self.env[name].flush_model()
        self.env["kpi.team"].flush_model(["company_id", "active"])
        # A row that only became longer or shorter says the same until the earlier end.
        rows = self.env.execute_query(
            SQL(
                """
                WITH stay AS (
                    SELECT employee.user_id,
                           employee.company_id,
                           version.department_id,
                           CASE WHEN lag(version.id) OVER dated IS NULL
                                THEN DATE '1900-01-01' ELSE version.date_version
                            END AS date_from,
                           COALESCE(lead(version.date_version) OVER dated,
                                    %(for_good)s) AS date_to
                      FROM hr_version AS version
                      JOIN hr_employee AS employee ON employee.id = version.employee_id
                     WHERE version.active
                       AND employee.user_id IS NOT NULL
                    WINDOW dated AS (
                             PARTITION BY employee.id
                             ORDER BY version.date_version, version.id
                           )
                ),
                wanted AS MATERIALIZED (
                    SELECT stay.user_id, stay.company_id, 'department' AS scope_type,
                           ancestor.id::int AS scope_id, stay.date_from, stay.date_to
                      FROM stay
                      JOIN hr_department AS department
                        ON department.id = stay.department_id
                CROSS JOIN unnest(string_to_array(
                             trim(department.parent_path, '/'), '/')) AS ancestor(id)
                     WHERE stay.date_from < stay.date_to
                     UNION
                    SELECT member.user_id, team.company_id, 'team', team.id,
                           member.date_from,
                           COALESCE(member.date_to, %(for_good)s)
                      FROM kpi_team_member AS member
                      JOIN kpi_team AS team ON team.id = member.team_id
                ),
                gone AS (
                    DELETE FROM kpi_membership AS known
                     WHERE NOT EXISTS (
                             SELECT 1
                               FROM wanted
                              WHERE wanted.user_id = known.user_id
                                AND wanted.company_id = known.company_id
                                AND wanted.scope_type = known.scope_type
                                AND wanted.scope_id = known.scope_id
                                AND wanted.date_from = known.date_from
                                AND wanted.date_to = known.date_to
                           )
                 RETURNING %(columns)s
                ),
                added AS (
                    INSERT INTO kpi_membership (%(columns)s)
                    SELECT %(columns)s FROM wanted
                    EXCEPT
                    SELECT %(columns)s FROM kpi_membership
                 RETURNING %(columns)s
                ),
                moved AS (
                    SELECT user_id,
                           CASE WHEN gone.date_to IS NULL OR added.date_to IS NULL
                                THEN date_from
                                ELSE LEAST(gone.date_to, added.date_to)
                            END AS day
                      FROM gone
                 FULL JOIN added
                     USING (user_id, company_id, scope_type, scope_id, date_from)
                )
                SELECT user_id, min(day) FROM moved GROUP BY user_id
                """,
                for_good=LAST_DAY,
                columns=SQL(
                    "user_id, company_id, scope_type, scope_id, date_from, date_to"
                ),
            )
        )
        self.invalidate_model()
        if rows:
            self._note_moves(dict(rows))

    @api.model
    def _note_moves(self, first_days):
        """React to people who count elsewhere: id of a user → first day of that."""

    @api.model
    def _get_move_message(self, company, department_ids, since, stop):
        """Return a sentence on what changes if somebody counts for other departments.

        :param department_ids: those that gain or lose the person
        :param since: first day of that, None = ever since
        :param stop: first day after it, None = for good
        """
        return ""
