from dataclasses import dataclass
from datetime import date

from odoo import api, models
from odoo.tools import SQL, date_utils

from ..engine.standing import DIGITS
from .kpi_value_leakage import CLOSED

PERCENT = 100
MEASURES = {  # what a KPI can be → how it is worked out and explained
    "benefit_planned": "months",
    "benefit_realized": "months",
    "benefit_realization_rate": "months",
    "benefit_at_risk": "now",
    "leakage_open": "now",
    "leakage_critical": "now",
}
OPEN = ("status", "not in", CLOSED)
COUNTED = {  # what a KPI can be → model and conditions of what is counted
    "benefit_at_risk": ("kpi.benefit.realization", [("status", "=", "at_risk")]),
    "leakage_open": ("kpi.value.leakage", [OPEN]),
    "leakage_critical": ("kpi.value.leakage", [OPEN, ("severity", "=", "critical")]),
}


@dataclass(frozen=True)
class Month:
    """Benefits of a department in a month.

    :ivar unreported: planned where nobody reported a disbenefit; to date it counts
    :ivar reported: how many benefits have a value
    """

    start: date
    department_id: int | None
    planned: float
    realized: float
    unreported: float
    reported: int


class KpiBenefitAnalysis(models.AbstractModel):
    """KPIs on benefits, of companies and of departments with those below them.

    An addon adds a number by adding it to ``_get_measures``, with what it is made by:
    the methods ``_find_<made by>_facts`` and ``_explain_<made by>``.
    """

    _name = "kpi.benefit.analysis"
    _inherit = ["kpi.external.source"]
    _description = "Benefit Analysis"
    _counted_model = "kpi.benefit.realization"

    def _get_measures(self):
        return MEASURES

    def _get_scope_types(self, measure):
        return ("company", "department")

    def _get_facts(self, definitions, periods):
        """Months are read once for all KPIs, periods and departments of a company."""
        for company, same in definitions.report_ids.grouped("company_id").items():
            known = {}  # what was read already
            for report in same:
                # Amounts are those of the company; in another currency there are none.
                definition, own = report.definition_id, company.currency_id
                if definition.unit != "currency" or definition.currency_id == own:
                    find = self._method_of(report, "_find_%s_facts")
                    yield from find(report, periods, known)

    def _get_fingerprints(self, definitions, periods):
        """Fingerprints of the months before a period's end; of now, while it runs."""
        self.env.flush_all()
        companies = definitions.report_ids.company_id.ids
        months = self.env.execute_query(SQL(_MONTH_HASHES, companies=companies))
        (benefits, departments, *now), *_rest = self.env.execute_query(
            SQL(_BENEFIT_HASHES, companies=companies)
        )
        today = self._get_today(definitions)
        texts = {}
        for period in periods:
            before = [hash_ for start, hash_ in months if start < period.stop]
            is_running = period.start <= today < period.stop
            closed = min(period.stop, date_utils.start_of(today, "month"))
            texts[period.start] = repr(
                [benefits, departments, before, closed, *(now if is_running else [])]
            )
        return texts

    def _get_first_days(self, definitions):
        """The first month of a benefit, and the first approval, in each company."""
        reports, measures = definitions.report_ids, self._get_measures()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(_FIRST_DAYS, companies=reports.company_id.ids)
        )
        known = {company_id: days for company_id, *days in rows}
        first_days = {}
        for report in reports:
            month, approval = known.get(report.company_id.id, (None, None))
            is_monthly = measures[report.definition_id.external_measure] == "months"
            first_days[report.id] = month if is_monthly else approval
        return first_days

    def _explain(self, report, period):
        return self._method_of(report, "_explain_%s")(report, period)

    def _get_today(self, definitions):
        return definitions[:1].calendar_id._today()

    def _find_months_facts(self, report, periods, known):
        """Values; None where nobody has said, or nothing was planned."""
        months = self._find_months(report, known)
        measure = report.definition_id.external_measure
        for period in periods:
            value = None
            within = [one for one in months if period.start <= one.start < period.stop]
            if measure == "benefit_realization_rate":
                planned, realized = self._add_up_to_date(months, period, report)
                value = PERCENT * realized / planned if planned else None
            elif measure == "benefit_planned":
                value = sum(one.planned for one in within)
            elif any(one.reported for one in within):
                value = sum(one.realized for one in within)
            yield report.id, period.start, value

    def _add_up_to_date(self, months, period, report):
        """Planned and realised of all months that were over at the period's end."""
        today = self._get_today(report.definition_id)
        stop = min(period.stop, date_utils.start_of(today, "month"))
        over = [one for one in months if one.start < stop]
        planned = round(sum(one.planned for one in over), DIGITS)
        return planned, sum(one.realized + one.unreported for one in over)

    def _find_months(self, report, known):
        """Months of the departments that a KPI is about."""
        if "months" not in known:
            self.env.flush_all()
            rows = self.env.execute_query(SQL(_MONTHS, company=report.company_id.id))
            known["months"] = [Month(*row) for row in rows]
        if report.scope_type == "company":
            return known["months"]
        below = self.env["hr.department"].with_context(active_test=False)
        ids = set(below._search([("id", "child_of", report.department_id.ids)]))
        return [month for month in known["months"] if month.department_id in ids]

    def _find_now_facts(self, report, periods, known):
        """The value of the running period; earlier ones stay as they were then."""
        today = self._get_today(report.definition_id)
        running = [period for period in periods if period.start <= today < period.stop]
        model, conditions = COUNTED[report.definition_id.external_measure]
        domain = [
            *conditions,
            ("company_id", "=", report.company_id.id),
            ("initiative_id.active", "=", True),
            ("initiative_id.approved_on", "!=", False),
        ]
        if report.scope_type == "department":
            path = "initiative_id.department_id"
            domain.append((path, "child_of", report.department_id.id))
        count = self.env[model].search_count(domain)
        return [(report.id, period.start, count) for period in running]

    def _explain_months(self, report, period):
        # Who sees the KPI sees the sums that it is made of.
        months = self.sudo()._find_months(report.sudo(), {})
        if report.definition_id.external_measure == "benefit_realization_rate":
            planned, realized = self._add_up_to_date(months, period, report)
            return {
                "method": self.env._(
                    "Realized %(realized)s of %(planned)s planned for all closed "
                    "months.",
                    realized=self._format_amount(report, realized),
                    planned=self._format_amount(report, planned),
                )
            }
        within = [one for one in months if period.start <= one.start < period.stop]
        return {
            "method": self.env._(
                "Sum of all active benefits: %(planned)s planned; values entered: "
                "%(count)s.",
                planned=self._format_amount(report, sum(m.planned for m in within)),
                count=sum(one.reported for one in within),
            )
        }

    def _format_amount(self, report, amount):
        # Who sees the KPI sees which currency it is in.
        return report.company_id.sudo().currency_id.format(amount)

    def _explain_now(self, report, period):
        methods = {
            "benefit_at_risk": self.env._(
                "Benefits confirmed as at risk by their owner, as of period end "
                "(today for the running period)."
            ),
            "leakage_open": self.env._(
                "Leakages not yet resolved or accepted, as of period end (today "
                "for the running period)."
            ),
            "leakage_critical": self.env._(
                "Critical leakages not yet resolved or accepted, as of period end "
                "(today for the running period)."
            ),
        }
        return {"method": methods[report.definition_id.external_measure]}


_MONTHS = """
    SELECT month.period_start, initiative.department_id, sum(month.planned)::float8,
           coalesce(sum(month.realized), 0)::float8,
           coalesce(sum(LEAST(month.planned, 0)) FILTER (WHERE month.realized IS NULL),
                    0)::float8,
           count(month.realized)
      FROM kpi_benefit_period AS month
      JOIN benefit_realizations AS benefit ON benefit.id = month.benefit_id
      JOIN initiatives AS initiative ON initiative.id = benefit.initiative_id
     WHERE benefit.company_id = %(company)s
       AND benefit.active
       AND initiative.active
       AND initiative.approved_on IS NOT NULL
  GROUP BY month.period_start, initiative.department_id
  ORDER BY month.period_start, initiative.department_id
"""
_MONTH_HASHES = """
    SELECT month.period_start,
           bit_xor(hash_record_extended(
               ROW(initiative.id, month.planned, month.realized, month.unreported,
                   month.reported_count), 0))
      FROM kpi_initiative_month AS month
      JOIN initiatives AS initiative ON initiative.id = month.initiative_id
     WHERE initiative.company_id = ANY(%(companies)s)
       AND initiative.active
       AND initiative.approved_on IS NOT NULL
       AND month.period_count > 0
  GROUP BY month.period_start
  ORDER BY month.period_start
"""
_FIRST_DAYS = """
    SELECT initiative.company_id, min(month.period_start), min(initiative.approved_on)
      FROM initiatives AS initiative
 LEFT JOIN kpi_initiative_month AS month
        ON month.initiative_id = initiative.id
       AND month.period_count > 0
     WHERE initiative.company_id = ANY(%(companies)s)
       AND initiative.active
       AND initiative.approved_on IS NOT NULL
  GROUP BY initiative.company_id
"""
_BENEFIT_HASHES = """
    SELECT bit_xor(hash_record_extended(
               ROW(benefit.id, initiative.id, initiative.department_id), 0)),
           (SELECT bit_xor(hash_record_extended(ROW(id, parent_path), 0))
              FROM hr_department
             WHERE company_id = ANY(%(companies)s)),
           bit_xor(hash_record_extended(ROW(benefit.id, benefit.status), 0)),
           (SELECT bit_xor(hash_record_extended(
                       ROW(leakage.id, leakage.status, leakage.severity,
                           initiative.id, initiative.department_id), 0))
              FROM value_leakages AS leakage
              JOIN initiatives AS initiative ON initiative.id = leakage.initiative_id
             WHERE leakage.company_id = ANY(%(companies)s)
               AND leakage.active
               AND initiative.active
               AND initiative.approved_on IS NOT NULL)
      FROM benefit_realizations AS benefit
      JOIN initiatives AS initiative ON initiative.id = benefit.initiative_id
     WHERE benefit.company_id = ANY(%(companies)s)
       AND benefit.active
       AND initiative.active
       AND initiative.approved_on IS NOT NULL
"""


class KpiGalleryKpi(models.Model):
    """KPIs on benefits come with rules, and count benefits."""

    _inherit = "kpi.gallery.kpi"

    @api.model
    def _get_record_words(self):
        benefits = self.env._("benefit"), self.env._("benefits")
        return {**super()._get_record_words(), "kpi.benefit.realization": benefits}

    @api.model
    def _get_rule_files(self):
        return [*super()._get_rule_files(), "kpi_benefits/data/alerts/benefits.json"]
