from odoo import models
from odoo.tools import SQL

from .finding import Finding

EQUAL_MONTHS = 3  # of equal amounts; fewer are chance
DIFFERENT_AMOUNTS = 2  # among them: the same round sum each month says nothing


class KpiBenefitRealization(models.Model):
    """Leaks that no statistics are needed for."""

    _inherit = "kpi.benefit.realization"

    def _find_rule_findings(self):
        """Findings of rules: assumptions that nobody knows to hold, equal values."""
        watched = self._filter_watched()
        assumptions = watched.assumption_ids
        return [
            *assumptions._find_assumption_findings(),
            *watched._find_double_findings(),
        ]

    def _find_double_findings(self):
        """Benefits that report the same amounts as another one in the same months.

        Only where the user sees both. The text does not name the other one, as whoever
        reads it may not see that.
        """
        return [
            Finding(
                "double_claim",
                one,
                first,
                one.currency_id.round(amount),
                0.0,
                self.env._(
                    "%(benefit)s: another benefit reports the same amounts in %(count)s"
                    " months since %(first)s, %(amount)s in all. One of them may be"
                    " claimed twice.",
                    benefit=one.name,
                    count=count,
                    first=self._format_month(first),
                    amount=one._format_money(amount),
                ),
                (other,),
            )
            for one, other, count, first, amount in self._find_equal_pairs()
        ]

    def _find_equal_pairs(self):
        """(benefit, other, months, first month, amount) of those that report the same.

        Of a pair that is asked for, the one that was entered later is the benefit.
        """
        self.env["kpi.benefit.period"].flush_model()
        self.flush_model(["active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT period.benefit_id, other.benefit_id, count(*),
                       min(period.period_start), sum(abs(period.realized))
                  FROM kpi_benefit_period AS period
                  JOIN kpi_benefit_period AS other
                    ON other.company_id = period.company_id
                   AND other.period_start = period.period_start
                   AND other.realized = period.realized
                   AND other.benefit_id <> period.benefit_id
                  JOIN benefit_realizations AS benefit
                    ON benefit.id = other.benefit_id AND benefit.active
                 WHERE period.benefit_id = ANY(%(ids)s)
                   AND period.realized <> 0
                   AND (other.benefit_id < period.benefit_id
                        OR other.benefit_id <> ALL(%(ids)s))
              GROUP BY period.benefit_id, other.benefit_id
                HAVING count(*) >= %(months)s
                   AND count(DISTINCT period.realized) >= %(amounts)s
              ORDER BY period.benefit_id, other.benefit_id
                """,
                ids=self.ids,
                months=EQUAL_MONTHS,
                amounts=DIFFERENT_AMOUNTS,
            )
        )
        others = self.browse(row[1] for row in rows)
        seen = set(others._filtered_access("read").ids)
        return [
            (self.browse(one), self.browse(other), count, first, float(amount))
            for one, other, count, first, amount in rows
            if other in seen
        ]
