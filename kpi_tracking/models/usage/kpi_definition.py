from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import RELOAD, show_notification


class KpiDefinition(models.Model):
    """When somebody last looked at a KPI, on its form or where it is shown."""

    _inherit = "kpi.definition"

    last_viewed_on = fields.Date(
        "Last Viewed",
        compute="_compute_last_viewed_on",
        search="_search_last_viewed_on",
        exportable=False,
        help="Day when the KPI, or a screen showing it, was last opened.",
    )
    replaced_by_id = fields.Many2one(
        "kpi.definition",
        tracking=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        domain="[('id', '!=', id)]",
        help="The KPI to use instead.",
    )

    def init(self):
        result = super().init()
        # A table of its own: looking at a KPI changes nothing of it.
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_definition_view (
                definition_id integer PRIMARY KEY
                    REFERENCES kpi_definition ON DELETE CASCADE,
                day date NOT NULL
            )
            """
        )
        return result

    @api.model
    def _list_views_sql(self):
        """Statements of ``definition_id`` and ``day`` of looks; addons add theirs."""
        return [SQL("SELECT definition_id, day FROM kpi_definition_view")]

    @api.model
    def _last_views_sql(self):
        return SQL(
            "SELECT definition_id, max(day) AS day FROM (%s) AS look"
            " GROUP BY definition_id",
            SQL(" UNION ALL ").join(self._list_views_sql()),
        )

    def _compute_last_viewed_on(self):
        self.env.flush_all()
        days = dict(
            self.env.execute_query(
                SQL(
                    "SELECT definition_id, day FROM (%s) AS look"
                    " WHERE definition_id = ANY(%s)",
                    self._last_views_sql(),
                    self.ids,
                )
            )
        )
        for definition in self:
            definition.last_viewed_on = days.get(definition.id)

    def _search_last_viewed_on(self, operator, value):
        """Those that somebody looked at since a day, or that nobody did."""
        if operator not in ("<", ">=") or not value:
            return NotImplemented
        self.env.flush_all()
        viewed = SQL(
            "(SELECT definition_id FROM (%s) AS look WHERE day >= %s)",
            self._last_views_sql(),
            fields.Date.to_date(value),
        )
        return Domain("id", "not in" if operator == "<" else "in", viewed)

    @api.constrains("replaced_by_id")
    def _check_replaced_by(self):
        """What takes the place of a KPI is shown and read as it was."""
        for definition in self:
            other = definition.replaced_by_id
            if other and other._formula_unit() != definition._formula_unit():
                raise ValidationError(
                    self.env._(
                        "%(other)s cannot replace %(kpi)s because its unit differs.",
                        other=other.display_name,
                        kpi=definition.display_name,
                    )
                )

    def action_move_uses(self):
        """Have dashboards, scorecards and tables show the KPI that replaces this one.

        Formulas and targets stay: another KPI in them is another value.

        :raises UserError: nothing replaces it
        """
        self.ensure_one()
        self.check_access("write")
        other = self.replaced_by_id
        if not other or other == self:
            raise UserError(self.env._("Choose a replacement KPI first."))
        twins = self._find_twins(other)
        moved = self._move_uses(other, twins)
        lines = [
            f"{label}: {', '.join(records.mapped('display_name'))}"
            for label, records in moved.items()
            if records
        ]
        message = "\n".join(lines) or self.env._("No references to move.")
        self._message_log(body=self.env._("Moved to %s.", other.display_name))
        left = self.env["kpi.use.link"]._say_users(self._list_uses())
        if left:
            message = "\n".join([message, self.env._("Still used by:"), *left])
        return show_notification(
            message,
            title=self.env._("Moved to %s", other.display_name),
            sticky=bool(left),
            next=RELOAD,
        )

    def _find_twins(self, other):
        """Tracked KPI → that of ``other`` for the same people, made where missing."""
        twins = {}
        for (scope_type, company), same in self.report_ids.grouped(
            lambda report: (report.scope_type, report.company_id)
        ).items():
            scopes = same[f"{scope_type}_id"]
            found = other._track_for(scope_type, scopes, company.id)
            by_scope = {report.scope_id: report for report in found}
            twins |= {report: by_scope.get(report.scope_id) for report in same}
        return {report: twin for report, twin in twins.items() if twin}

    def _move_uses(self, other, twins):
        """Have what shows this KPI show another one, as far as the user may change it.

        :param other: the definition
        :param twins: as ``_find_twins`` returns it
        :return: dict label → records that were changed; addons add theirs
        """
        before = [report.id for report in twins]
        lines = self.env["kpi.report.group.line"].search([("report_id", "in", before)])
        lines = lines._filtered_access("write")
        groups = lines.group_id
        for line in lines:
            twin = twins[line.report_id]
            if twin in line.group_id.line_ids.report_id:
                line.unlink()
            else:
                line.report_id = twin
        tables = self.env["kpi.period.report"].search([("report_ids", "in", before)])
        tables = tables._filtered_access("write")
        self._exchange_kpis(tables, twins)
        return {self.env._("Scorecards"): groups, self.env._("Tables"): tables}

    def _exchange_kpis(self, records, twins):
        """Exchange those of ``report_ids`` of some records that have a twin."""
        for record in records:
            kpis = [twins.get(report, report).id for report in record.report_ids]
            record.report_ids = [Command.set(kpis)]
