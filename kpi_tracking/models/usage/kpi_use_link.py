from odoo import api, models

from odoo.addons.kpi_base.use_link import UseLink

KPI = "kpi.definition"


class KpiUseLink(models.AbstractModel):
    """Formulas, targets, scorecards and tables use KPIs."""

    _inherit = "kpi.use.link"

    @api.model
    def _get_links(self):
        tables, emails = self.env._("Tables"), self.env._("Emails")
        schedule = "kpi.period.report.schedule"
        return [
            *super()._get_links(),
            UseLink(
                KPI, KPI, "component_ids", self.env._("Formulas"), is_transitive=True
            ),
            UseLink(
                KPI,
                "kpi.target",
                "source_definition_id",
                self.env._("Targets"),
                shown_as="report_id",
            ),
            UseLink(
                KPI,
                "kpi.report.group.line",
                "report_id.definition_id",
                self.env._("Scorecards"),
                shown_as="group_id",
            ),
            UseLink(KPI, "kpi.period.report", "report_ids.definition_id", tables),
            UseLink(
                KPI,
                "kpi.period.report",
                "group_ids.line_ids.report_id.definition_id",
                tables,
            ),
            UseLink(KPI, schedule, "period_report_id.report_ids.definition_id", emails),
            UseLink(
                KPI,
                "kpi.tracking.rule",
                "definition_ids",
                self.env._("Tracking Rules"),
            ),
        ]
