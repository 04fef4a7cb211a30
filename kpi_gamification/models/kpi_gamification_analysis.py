from odoo import models
from odoo.tools import SQL


class KpiGamificationAnalysis(models.AbstractModel):
    """How many people have earned something: a number, as nobody is to be named."""

    _name = "kpi.gamification.analysis"
    _inherit = ["kpi.external.source"]
    _description = "Achievement Analysis"

    def _get_measures(self):
        return ["people_with_award"]

    def _get_scope_types(self, measure):
        return ("company",)

    def _get_facts(self, definitions, periods):
        for report in definitions.report_ids:
            for start, count in self._count(report.company_id, periods).items():
                yield report.id, start, count

    def _get_fingerprints(self, definitions, periods):
        companies = definitions.report_ids.company_id
        counts = [self._count(company, periods) for company in companies]
        return {
            period.start: repr([count[period.start] for count in counts])
            for period in periods
        }

    def _get_first_days(self, definitions):
        """The first period of an achievement in each company."""
        reports = definitions.report_ids
        groups = self.env["kpi.user.achievement"]._read_group(
            [("company_id", "in", reports.company_id.ids)],
            ["company_id"],
            ["period_start:min"],
        )
        days = dict(groups)
        return {report.id: days.get(report.company_id) for report in reports}

    def _explain(self, report, period):
        return {
            "method": self.env._(
                "People with an achievement of this period. No names are shown."
            )
        }

    def _count(self, company, periods):
        """First day → people with an award; None where they are too few to be many."""
        if not company._count_staff():
            return {period.start: None for period in periods}
        query = SQL(
            """
            SELECT period.start, count(DISTINCT award.user_id)
              FROM unnest(%s::date[], %s::date[]) AS period(start, stop)
         LEFT JOIN kpi_user_achievement AS award
                ON award.company_id = %s
               AND award.state = 'earned'
               AND award.period_start >= period.start
               AND award.period_start < period.stop
          GROUP BY period.start
            """,
            [period.start for period in periods],
            [period.stop for period in periods],
            company.id,
        )
        return dict(self.env.execute_query(query))
