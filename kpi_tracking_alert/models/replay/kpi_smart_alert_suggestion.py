from collections import Counter
from dataclasses import replace

import numpy as np

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.schemas.base import GivenDay

from ...engine.judging import CONDITIONS
from ...engine.round_number import find_round_number
from .history import Player
from .kpi_smart_alert_replay import MOST_SHOWN


class KpiSmartAlert(models.Model):
    """A threshold that raises fewer alerts, and what it would have missed."""

    _inherit = "kpi.smart.alert"

    @api.readonly
    def suggest_threshold(
        self, date_from: GivenDay, date_to: GivenDay, period_count: int = 12
    ):
        """A threshold with at most one alert per KPI and so many periods.

        It is found by halving what lies between the threshold of now and the furthest
        value, and tried on the values of today, as by ``replay``.

        :param date_from, date_to: days, both included
        :param period_count: periods of a KPI that may have one alert
        :return: dict of ``is_possible`` and, where it is not, ``reason``; else
            ``threshold``, ``alert_count``, ``alert_count_now``, ``missed_count`` and
            ``missed``: alerts of the threshold of now of which nothing would have been
            said, as ``replay`` describes them
        """
        first, last = self._read_replayed_days(date_from, date_to)
        if period_count < 1:
            raise UserError(self.env._("Choose at least one period."))
        reason = self._find_suggestion_obstacle()
        if reason:
            return {"is_possible": False, "reason": reason}
        history = self._read_history(self._find_replayed(), first, last, False)
        now = self._play(history)
        most = _count_allowed(history, period_count)
        if _is_quiet(now, most):
            reason = self.env._("The rule raises no more alerts than that.")
            return {"is_possible": False, "reason": reason}
        threshold, alerts = self._search_threshold(history, most)
        missed = [alert for alert in now if not _is_covered(alert, alerts)]
        return {
            "is_possible": True,
            "threshold": threshold,
            "alert_count": len(alerts),
            "alert_count_now": len(now),
            "missed_count": len(missed),
            "missed": [
                self._describe_past_alert(alert) for alert in missed[:MOST_SHOWN]
            ],
        }

    def _find_suggestion_obstacle(self):
        """Why no threshold can be found, in words; None where one can."""
        if self.alert_type != "threshold_breach" or self.condition not in CONDITIONS:
            return self.env._("Only rules with a threshold can have a better one.")
        if self.condition == "outside":
            return self.env._("A rule with two thresholds has no single better one.")
        return None

    def _search_threshold(self, history, most):
        """A threshold that is quiet enough, and its alerts.

        :param most: see ``_is_quiet``
        """
        is_below = self.condition == "below"
        numbers = np.unique(self._list_compared(history))
        beyond = numbers < self.threshold if is_below else numbers > self.threshold
        # The furthest comes first: beyond it nothing is, so it raises no alert.
        levels = numbers[beyond] if is_below else numbers[beyond][::-1]
        quiet, loud = 0, len(levels)
        alerts = []
        while loud - quiet > 1:
            middle = (quiet + loud) // 2
            judge = self._judge_past_threshold_breach(history)
            level = levels[middle : middle + 1]
            judge.conditions = replace(judge.conditions, threshold=level)
            tried = Player(self, history, judge).play()
            if _is_quiet(tried, most):
                quiet, alerts = middle, tried
            else:
                loud = middle
        further = levels[quiet - 1] if quiet else levels[0] - 1
        if not quiet and not is_below:
            further = levels[0] + 1
        return find_round_number(float(levels[quiet]), float(further)), alerts

    def _list_compared(self, history):
        """What the rule compared of each period that closed on these days."""
        judge = self._judge_past_threshold_breach(history)
        Player(self, history, judge).play()
        return np.array(judge.compared)


def _count_allowed(history, period_count):
    """Report id → how many alerts it may have."""
    first, last = history.days
    return {
        report_id: -(
            -sum(
                report_id in ids
                for day, ids in history.closings.items()
                if first < day <= last
            )
            // period_count
        )
        or 1
        for report_id in history.kpis
    }


def _is_quiet(alerts, most):
    """Whether no KPI has more alerts than it may have."""
    counts = Counter(alert.first.report_id for alert in alerts)
    return all(count <= most[report_id] for report_id, count in counts.items())


def _is_covered(alert, others):
    """Whether another alert of the KPI overlaps with one."""
    return any(
        other.key == alert.key
        and (alert.ended_on is None or other.fired_on <= alert.ended_on)
        and (other.ended_on is None or other.ended_on >= alert.fired_on)
        for other in others
    )
