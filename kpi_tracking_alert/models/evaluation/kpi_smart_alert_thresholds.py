import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...engine.judging import COMPARED, CONDITIONS, Conditions
from .pair_values import PairValues


class KpiSmartAlert(models.Model):
    """Thresholds of all rules, judged at once: the facts are read by one statement."""

    _inherit = "kpi.smart.alert"

    @api.model
    def _find_thresholds(self, watched):
        """Findings of rules that compare a number with limits."""
        watched = watched.of(watched.rules.filtered(_compares))
        if not len(watched.pairs):
            return []
        conditions = watched.rules._get_conditions()
        values = PairValues(watched, conditions)
        values.fill(self.env.execute_query(values.facts_sql()))
        return self._filter_enough_facts(watched, list(values.find()))

    def _get_conditions(self):
        """Conditions of these rules as arrays, in their order."""

        def numbers(name):
            # A number that may be missing is False then.
            return np.array(
                [np.nan if rule[name] is False else rule[name] for rule in self], float
            )

        def places(name, keys):
            return np.array([keys.index(rule[name]) for rule in self], int)

        return Conditions(
            compared=np.array([COMPARED.index(rule.compared) for rule in self], int),
            condition=np.array(
                [CONDITIONS.index(rule.condition) for rule in self], int
            ),
            threshold=numbers("threshold"),
            threshold_high=numbers("threshold_high"),
            clear=numbers("clear_threshold"),
            clear_high=numbers("clear_threshold_high"),
            periods=np.array([rule.periods for rule in self], int),
            recent=np.array([rule.recent_periods for rule in self], int),
            least_weight=numbers("least_weight"),
            has_running=np.array([rule.judge_running for rule in self], bool),
        )

    @api.model
    def _filter_enough_facts(self, watched, findings):
        """Those whose KPIs have as many values as their rules ask for."""
        least = {
            rule.id: rule.least_facts for rule in watched.rules if rule.least_facts
        }
        asked = {
            each.report_id for each in findings if each.fires and each.alert_id in least
        }
        if not asked:
            return findings
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.report_id, count(*)
                  FROM kpi_measurement AS fact
                  JOIN kpi_report AS report ON report.id = fact.report_id
                 WHERE fact.report_id = ANY(%s)
                   AND fact.grain = report.frequency
              GROUP BY fact.report_id
                """,
                list(asked),
            )
        )
        count = dict(rows)
        return [
            each
            for each in findings
            if not each.fires
            or each.key in watched.open_alerts
            or count.get(each.report_id, 0) >= least.get(each.alert_id, 0)
        ]


def _compares(rule):
    return rule.alert_type == "threshold_breach" and rule.condition in CONDITIONS
