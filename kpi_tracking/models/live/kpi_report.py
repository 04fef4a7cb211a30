from odoo import fields, models
from odoo.tools import SQL

CHANGED = "kpi_tracking.measured"
CHANNEL = "kpi"  # of a company or a department
MOST_IDS = 200
MOST_CHANNELS = 20


class KpiReport(models.Model):
    """Screens that are open hear what has changed: ids only, once it is committed.

    A transaction is a batch of the engine: it sends one message per channel.
    """

    _inherit = "kpi.report"

    replaced_by_id = fields.Many2one(related="definition_id.replaced_by_id")

    def _announce(self):
        """Have screens that show these KPIs ask for them anew."""
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = set()
            # Who hears it is not for whoever made the change to read.
            precommit.add(self.env["kpi.report"].sudo()._send_changed)
        precommit.data[CHANGED].update(self.ids)

    def _send_changed(self):
        changed = self.browse(self.env.cr.precommit.data.pop(CHANGED))
        recipients = changed._get_bus_recipients()
        if recipients:
            self.env["bus.bus"]._notify_quickly()
        for target, report_ids in recipients:
            is_many = not report_ids or len(report_ids) > MOST_IDS
            body = {"all": True} if is_many else {"report_ids": report_ids}
            self.env["bus.bus"]._sendone(target, CHANGED, body)

    def _get_bus_recipients(self):
        """Find who is notified of these KPIs: pairs (bus target, ids), none = all."""
        if not self.ids:
            return []
        channels = []
        # So many make up more channels than are looked at one by one, or more ids.
        if len(self.ids) <= MOST_IDS * MOST_CHANNELS:
            channels = self.env.execute_query(self._channels_select())
        if not 0 < len(channels) <= MOST_CHANNELS:
            channels = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT 'res.company', company_id, ARRAY[]::int[]
                      FROM kpi_report
                     WHERE id = ANY(%s)
                    """,
                    self.ids,
                )
            )
        recipients = []
        for model, id_, report_ids in channels:
            target = self.env[model].browse(id_)
            # People have a channel of their own already.
            is_person = model == "res.partner"
            recipients.append((target if is_person else (target, CHANNEL), report_ids))
        return recipients

    def _channels_select(self):
        """A row for each channel that hears of these KPIs.

        KPIs of departments and of the people in them are announced there, and to those
        elsewhere who own them, enter their values or have them shared; others are
        announced to the company.
        """
        self.env["kpi.report"].flush_model()
        self.env["hr.employee"].flush_model(["active", "company_id", "user_id"])
        self.env["hr.version"].flush_model(["department_id"])
        return SQL(
            """
            WITH changed AS (
                SELECT report.id, report.company_id, report.owner_id,
                       coalesce(report.department_id, version.department_id)
                         AS department_id
                  FROM kpi_report AS report
             LEFT JOIN hr_employee AS employee
                    ON employee.user_id = report.user_id
                   AND employee.company_id = report.company_id
                   AND employee.active
                   AND report.scope_type = 'user'
             LEFT JOIN hr_version AS version
                    ON version.id = employee.current_version_id
                 WHERE report.id = ANY(%(report_ids)s)
            ),
            reader AS (
                SELECT id AS report_id, owner_id AS user_id FROM changed
                UNION
                SELECT kpi_report_id, res_users_id FROM %(shared)s
                 WHERE kpi_report_id = ANY(%(report_ids)s)
                UNION
                SELECT kpi_report_id, res_users_id FROM %(submitters)s
                 WHERE kpi_report_id = ANY(%(report_ids)s)
            ),
            notified AS (
                SELECT 'res.company' AS model, company_id AS target_id, id AS report_id
                  FROM changed
                 WHERE department_id IS NULL
                UNION ALL
                SELECT 'hr.department', department_id, id
                  FROM changed
                 WHERE department_id IS NOT NULL
                UNION ALL
                SELECT 'res.partner', person.partner_id, reader.report_id
                  FROM reader
                  JOIN changed ON changed.id = reader.report_id
                  JOIN res_users AS person ON person.id = reader.user_id
                 WHERE changed.department_id IS NOT NULL
            )
            SELECT model, target_id, array_agg(report_id ORDER BY report_id)
              FROM notified
          GROUP BY model, target_id
            """,
            report_ids=self.ids,
            shared=SQL.identifier(self._fields["shared_user_ids"].relation),
            submitters=SQL.identifier(self._fields["submitter_ids"].relation),
        )

    def count_view(self):
        """Note that somebody looks at these KPIs; once a day is enough."""
        self.check_access("read")
        # Which definition a KPI has is no secret to those who see it.
        definitions = self.sudo().definition_id
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_definition_view (definition_id, day)
                SELECT unnest(%(ids)s::int[]) AS definition_id, %(today)s
              ORDER BY definition_id
                    ON CONFLICT (definition_id) DO UPDATE
                   SET day = excluded.day
                 WHERE kpi_definition_view.day < excluded.day
                """,
                ids=definitions.ids,
                today=fields.Date.context_today(self),
            )
        )
        definitions.invalidate_recordset(["last_viewed_on"])
        return True
