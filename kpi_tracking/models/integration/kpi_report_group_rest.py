from odoo import Command, models
from odoo.exceptions import MissingError


class KpiReportGroup(models.Model):
    """Scorecards as other systems fill them."""

    _inherit = "kpi.report.group"

    def _set_lines(self, wanted):
        """Have these KPIs on the scorecard, as far as the user sees what is on it.

        :param wanted: objects with ``report_id`` and ``weight`` (None: as it is, or as
            the definition says), in the order of the scorecard
        :raises MissingError: one of the KPIs is none that the user sees
        """
        self.ensure_one()
        ids = [line.report_id for line in wanted]
        reports = self.env["kpi.report"].search([("id", "in", ids)])
        if len(reports) < len(ids):
            raise MissingError(self.env._("There is no such KPI."))
        lines = self.line_ids._filtered_access("read").grouped("report_id")
        commands = [
            Command.delete(line.id)
            for report, line in lines.items()
            if report not in reports
        ]
        for position, line in enumerate(wanted, start=1):
            values = {"sequence": position * 10}
            if line.weight is not None:
                values["weight"] = line.weight
            known = lines.get(reports.browse(line.report_id))
            commands.append(
                Command.update(known.id, values)
                if known
                else Command.create({**values, "report_id": line.report_id})
            )
        self.line_ids = commands
