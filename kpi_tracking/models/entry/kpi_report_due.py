from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .kpi_entry_due import OPEN

ASKED = {"active", "entry_date_from", "owner_id", "submitter_ids", "user_id"}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)  # with working days known


class KpiReport(models.Model):
    """Due dates of people's values, the entries due, and reminders of them."""

    _inherit = "kpi.report"

    due_count = fields.Integer("To Enter", compute="_compute_due")
    on_time_percent = fields.Float(
        "Entered on Time (%)",
        compute="_compute_due",
        help="Share of the entries submitted by their due date, of those submitted or"
        " overdue.",
    )
    has_on_time = fields.Boolean(compute="_compute_due", exportable=False)
    can_remind = fields.Boolean(compute="_compute_can_remind", exportable=False)

    def _compute_due(self):
        """Counts and rates of all KPIs by one statement."""
        rows = self.env["kpi.entry.due"]._read_group(
            [("report_id", "in", self.ids)],
            ["report_id"],
            ["on_time_percent:avg", "state:array_agg"],
        )
        found = {report: known for report, *known in rows}
        for report in self:
            percent, states = found.get(report, (None, []))
            report.due_count = sum(state in OPEN for state in states)
            report.on_time_percent = percent or 0.0
            report.has_on_time = percent is not None

    @api.depends_context("uid")
    @api.depends("owner_id")
    def _compute_can_remind(self):
        allowed = self._filter_remindable()
        for report in self:
            report.can_remind = report in allowed

    @api.model_create_multi
    def create(self, vals_list):
        reports = super().create(vals_list)
        reports._refresh_duties()
        return reports

    def write(self, vals):
        result = super().write(vals)
        if not ASKED.isdisjoint(vals):
            self._refresh_duties()
        return result

    def _refresh_duties(self):
        manual = self.filtered(lambda report: report.computation == "manual")
        if manual:
            # What is due follows from the KPIs; nobody writes it.
            manual.env["kpi.entry.duty"].sudo()._refresh(manual.sudo())

    def action_open_due(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_entry_due_action_all"
        )
        return {**action, "domain": [("report_id", "=", self.id)], "context": {}}

    def action_remind(self):
        """Remind everybody with an entry due of these KPIs, by one message each."""
        self._check_remindable()
        return self._remind()

    def _check_remindable(self):
        self.check_access("read")
        refused = self - self._filter_remindable()
        if refused:
            raise UserError(
                self.env._(
                    "%s: only the person responsible, managers and KPI officers "
                    "can send reminders.",
                    refused[0].name,
                )
            )

    def _remind(self):
        """Queue a message to each person with an entry due of these KPIs.

        It lists all their entries due; the same message is sent once a day.

        :return: a notification for the user
        """
        due = self.env["kpi.entry.due"].search(
            [
                ("report_id", "in", self.ids),
                ("state", "in", OPEN),
                ("period_stop", "<=", fields.Date.today()),
            ]
        )
        return due._remind()

    def _filter_remindable(self):
        own = self.filtered(lambda report: report.owner_id == self.env.user)
        return own | (self - own)._filter_enterable_for_others()

    def _due_dates(self, keys):
        """Due dates of entries, by one statement.

        :param keys: list of (report, ``Period``)
        :return: dict key → day, in the calendar of the KPI
        """
        keys = list(keys)
        if not keys:
            return {}
        stops = [period.stop for _report, period in keys]
        self._ensure_working_days(min(stops), max(stops))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(due_date)s
                  FROM unnest(%(ids)s::int[], %(stops)s::date[])
                       WITH ORDINALITY AS period(report_id, period_stop, ordinal)
                  JOIN kpi_report AS report ON report.id = period.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN res_company AS company ON company.id = report.company_id
              ORDER BY period.ordinal
                """,
                due_date=self._due_date_sql(),
                ids=[report.id for report, _period in keys],
                stops=stops,
            )
        )
        return {key: day for key, (day,) in zip(keys, rows, strict=True)}

    def _due_date_sql(self):
        """The n-th working day after a period; days are counted where no hours are set.

        Reads the rows ``period``, ``definition`` and ``company`` of a statement.
        """
        self.env["kpi.definition"].flush_model(["entry_due_days"])
        self.env["res.company"].flush_model(["resource_calendar_id"])
        return SQL(
            """
            CASE WHEN definition.entry_due_days = 0 THEN period.period_stop - 1
                 ELSE COALESCE(
                   (SELECT worked.day
                      FROM kpi_working_day AS worked
                     WHERE worked.calendar_id = company.resource_calendar_id
                       AND worked.day >= period.period_stop
                       AND worked.segments <> '{}'
                  ORDER BY worked.day
                    OFFSET greatest(definition.entry_due_days - 1, 0)
                     LIMIT 1),
                   period.period_stop + definition.entry_due_days - 1)
            END
            """
        )

    def _ensure_working_days(self, first, last):
        # Days are the engine's own; which of them are worked is no secret.
        reports = self.sudo()
        calendars = reports.company_id.resource_calendar_id
        if calendars:
            reports.env["kpi.working.day"]._ensure(
                calendars, max(first, FIRST_DAY), min(last, LAST_DAY)
            )
