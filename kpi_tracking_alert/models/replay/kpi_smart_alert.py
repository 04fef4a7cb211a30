from collections import Counter, defaultdict

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.schemas.base import GivenDay

from ...engine.judging import CONDITIONS
from ...engine.round_number import find_round_number
from ..routing.people import PeopleFinder

MOST_SHOWN = 500  # alerts that are listed; all are counted
# Before each day lie as many periods as a rule looks at, and calendars begin in 1900.
FIRST_YEAR, LAST_YEAR = 1960, 2100


class KpiSmartAlert(models.Model):
    """What a rule would have found of days that have passed, before it is turned on."""

    _inherit = "kpi.smart.alert"

    @api.readonly
    def replay(
        self, date_from: GivenDay, date_to: GivenDay, as_known_then: bool = False
    ):
        """Alerts that the rule would have raised, of the KPIs that the user may see.

        As if it had been turned on on the first day. Of running periods only what was
        known then is looked at: what they had come to on a day nobody knows today.

        :param date_from, date_to: days, both included
        :param as_known_then: by the values known on each day; else by those of today,
            as if each had come when its period closed
        :return: dict of ``is_possible`` and, where it is not, ``reason``; else
            ``note`` (what is left out, in words), ``kpi_count``, ``alert_count``,
            ``alerts`` and ``receivers``; see ``_describe_past_alert`` and
            ``_count_replayed_receivers``
        :raises UserError: the last day is before the first, one of them is out of
            range, or there are too many
        """
        first, last = self._read_replayed_days(date_from, date_to)
        if not hasattr(self, f"_judge_past_{self.alert_type}"):
            reason = self.env._("Rules of this type cannot be tried on the past.")
            return {"is_possible": False, "reason": reason}
        reports = self._find_replayed()
        alerts = self._play(self._read_history(reports, first, last, as_known_then))
        return {
            "is_possible": True,
            "note": self._say_what_is_not_replayed(as_known_then),
            "kpi_count": len(reports),
            "alert_count": len(alerts),
            "alerts": [
                self._describe_past_alert(alert) for alert in alerts[:MOST_SHOWN]
            ],
            "receivers": self._count_replayed_receivers(alerts),
        }

    def _read_replayed_days(self, date_from, date_to):
        """The days of a replay, once the user may read the rule."""
        self.ensure_one()
        self.check_access("read")
        first, last = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
        for day in (first, last):
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise UserError(
                    self.env._(
                        "%(day)s is out of range. Use a year from %(first)s to"
                        " %(last)s.",
                        day=day,
                        first=FIRST_YEAR,
                        last=LAST_YEAR,
                    )
                )
        if last < first:
            raise UserError(self.env._("The last day is before the first."))
        return first, last

    def _find_replayed(self):
        """The KPIs that the rule watches, as far as the user may see them."""
        reports = self.env["kpi.report"].search(self._get_watched_domain())
        # Of what the user may see the engine reads everything.
        return reports.sudo()

    def _say_what_is_not_replayed(self, as_known_then):
        """What a replay of the rule leaves out, in words; empty where nothing."""
        if as_known_then:
            return ""
        if self.alert_type == "restated":
            return self.env._(
                "Changes are always tried as they were known: today each period has"
                " one value only."
            )
        if self.alert_type == "target_risk":
            return self.env._(
                "The chance at the beginning of each period. With “As Known Then” it"
                " is tried on every day, with what the period had come to."
            )
        if self.alert_type == "threshold_breach" and self.judge_running:
            return self.env._(
                "Closed periods only: what a running one had come to is tried with"
                " “As Known Then”."
            )
        return ""

    def _describe_past_alert(self, alert):
        """An alert that would have been, as the screens show it.

        :return: dict of ``report_id``, ``name`` (of the KPI), ``fired_on``,
            ``ended_on`` (None: it goes on), ``since_period``, ``period_start`` (days in
            ISO format), ``period_label``, ``period_count`` (that broke the rule),
            ``value``, ``measured``, ``limit``, ``resolution`` and ``reason``, in words
        """
        finding = alert.first
        # Whose KPI this is, the user may see.
        report = self.env["kpi.report"].sudo().browse(finding.report_id)
        event = self.env["kpi.alert.event"].new(
            {
                "report_id": report.id,
                "alert_type": self.alert_type,
                "compared": self.compared,
                "grain": report.frequency,
                **finding.get_columns(),
            }
        )
        return {
            "report_id": report.id,
            "name": report.name,
            "fired_on": alert.fired_on.isoformat(),
            "ended_on": alert.ended_on.isoformat() if alert.ended_on else None,
            "since_period": (finding.since or finding.period_start).isoformat(),
            "period_start": finding.period_start.isoformat(),
            "period_label": event.period_label,
            "period_count": len(alert.periods),
            "value": finding.value,
            "measured": finding.measured,
            "limit": finding.limit,
            "resolution": alert.resolution,
            "reason": event.reason,
        }

    def _count_replayed_receivers(self, alerts):
        """How much each person would have got, told of a KPI as an alert finds them.

        :return: list of dicts of ``user_id``, ``name``, ``alert_count`` and
            ``message_count``, as alerts of one day come together; most first
        """
        # Who is told of a KPI is no secret from those who make its rules.
        rule, now = self.sudo(), fields.Datetime.now()
        mutes = rule.env["kpi.alert.mute"].search([("alert_id", "=", rule.id)])
        days_of = defaultdict(list)
        for alert in alerts:
            days_of[alert.first.report_id].append(alert.fired_on)
        events = rule.env["kpi.alert.event"]
        events = events.concat(
            *(events.new({"alert_id": rule.id, "report_id": id_}) for id_ in days_of)
        )
        people, days = PeopleFinder(events, now), defaultdict(list)
        for event, fired in zip(events, days_of.values(), strict=True):
            named = rule.owner_id if rule.is_personal else rule.user_ids
            if rule.tell_responsible and not rule.is_personal:
                named |= event.report_id.owner_id
            told = people.filter_there(event, named)
            told = told or people.find_rule_owner(event)
            told = told or people.find_administrators(event)
            for user in told - mutes.user_id:
                days[user] += fired
        rows = [
            {
                "user_id": user.id,
                "name": user.name,
                "alert_count": len(fired),
                "message_count": len(set(fired)),
            }
            for user, fired in days.items()
        ]
        return sorted(rows, key=lambda row: (-row["alert_count"], row["user_id"]))

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
        closed = Counter(
            report_id
            for day, ids in history.closings.items()
            if first < day <= last
            for report_id in ids
        )
        most = {id_: max(1, -(-closed[id_] // period_count)) for id_ in history.kpis}
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

        :param most: report id → how many alerts it may have
        """
        is_below = self.condition == "below"
        compared = []
        self._play(history, compared=compared)
        numbers = np.unique(np.array(compared))
        beyond = numbers < self.threshold if is_below else numbers > self.threshold
        # The furthest comes first: beyond it nothing is, so it raises no alert.
        levels = numbers[beyond] if is_below else numbers[beyond][::-1]
        quiet, loud = 0, len(levels)
        alerts = []
        while loud - quiet > 1:
            middle = (quiet + loud) // 2
            tried = self._play(history, threshold=levels[middle])
            if _is_quiet(tried, most):
                quiet, alerts = middle, tried
            else:
                loud = middle
        further = levels[quiet - 1] if quiet else levels[0] - 1
        if not quiet and not is_below:
            further = levels[0] + 1
        return find_round_number(float(levels[quiet]), float(further)), alerts


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
