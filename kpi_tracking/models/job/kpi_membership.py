from operator import itemgetter

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, groupby

from odoo.addons.kpi_base.engine import periods


class KpiMembership(models.Model):
    """Consequences for KPIs of people who count elsewhere."""

    _inherit = "kpi.membership"

    @api.model
    def _note_moves(self, first_days):
        # Whoever moves people need not see their KPIs.
        reports = self.env["kpi.report"].sudo().with_context(active_test=False)
        reports = reports.search_fetch(
            [("scope_type", "=", "user"), ("user_id", "in", list(first_days))],
            ["user_id"],
        )
        if reports:
            first = min(first_days[user.id] for user in reports.user_id)
            # Their values stay, but count elsewhere in what is made up of people.
            self.env["kpi.definition"]._mark_stale(reports.ids, first, "people")
        return super()._note_moves(first_days)

    @api.model
    def _get_move_message(self, company, department_ids, since, stop):
        """Name closed periods whose values are counted again, and how many were judged.

        Only periods are named: whoever moves people need not see KPIs or values.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT definition.calendar_id, fact.grain, fact.period_start,
                       count(judged.rated_at) > 0
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = report.id
                   AND fact.grain = definition.frequency
             LEFT JOIN kpi_target_value AS judged
                    ON judged.report_id = fact.report_id
                   AND judged.grain = fact.grain
                   AND judged.period_start = fact.period_start
                 WHERE report.scope_type = 'department'
                   AND report.scope_id = ANY(%(departments)s)
                   AND report.company_id = %(company)s
                   AND (definition.computation = 'formula'
                        OR definition.computation = 'records'
                       AND definition.kind <> 'snapshot')
                   AND (%(stop)s::date IS NULL OR fact.period_start < %(stop)s)
              GROUP BY definition.calendar_id, fact.grain, fact.period_start
              ORDER BY definition.calendar_id, fact.grain, fact.period_start
                """,
                departments=list(department_ids),
                company=company.id,
                stop=stop,
            )
        )
        labels, judgements = [], []
        for (calendar_id, grain), found in groupby(rows, itemgetter(0, 1)):
            # A calendar says nothing but where periods begin.
            calendar = self.env["kpi.calendar"].sudo().browse(calendar_id)
            running = calendar._period(grain, calendar._today())
            first = since and calendar._period(grain, since).start
            closed = [
                (start, is_judged)
                for _calendar_id, _grain, start, is_judged in found
                if start < running.start and (not first or start >= first)
            ]
            if closed:
                ends = {closed[0][0], closed[-1][0]}
                periods_named = [calendar._period(grain, day) for day in sorted(ends)]
                labels.append(" – ".join(calendar._period_labels(periods_named)))
                judgements += [is_judged for _start, is_judged in closed]
        if not labels:
            return ""
        return self.env._(
            "Closed periods to recalculate: %(count)s (%(periods)s). Already "
            "rated: %(evaluated)s.",
            count=len(judgements),
            periods=", ".join(labels),
            evaluated=sum(judgements),
        )


class HrDepartment(models.Model):
    """Consequences for KPIs of a department that moves."""

    _inherit = "hr.department"

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            self._mark_formulas_stale()
        return result

    def unlink(self):
        # Those below it have nothing above them then.
        self._mark_formulas_stale()
        return super().unlink()

    def _mark_formulas_stale(self):
        """Have formulas evaluated in which the values of these departments count.

        Who is above a department is not dated: it was always there.
        """
        below = Domain("department_id", "child_of", self.ids)
        # Who arranges departments need not see their KPIs.
        reports = self.env["kpi.report"].sudo().with_context(active_test=False)
        reports = reports.search(below)
        if reports:
            # Nor be allowed to change how they are computed.
            definitions = self.env["kpi.definition"].sudo()
            definitions._mark_stale(reports.ids, periods.FIRST_DAY, "people")
