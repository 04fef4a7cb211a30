from collections import defaultdict
from dataclasses import replace
from datetime import datetime, time

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.schemas.base import GivenDay

from ..evaluation.finding import Watched, pair_with
from ..routing.people import PeopleFinder
from .history import DAY, Player
from .past_judges import PastMissing, PastRestatements, PastThresholds

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
        reason = self._find_replay_obstacle()
        if reason:
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

    def _find_replay_obstacle(self):
        """Why the rule cannot be replayed, in words; None where it can."""
        if hasattr(self, f"_judge_past_{self.alert_type}"):
            return None
        return self.env._("Rules of this type cannot be tried on the past.")

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

    def _play(self, history):
        """``PastAlert`` of the days of a ``History``, oldest first."""
        judge = getattr(self, f"_judge_past_{self.alert_type}")(history)
        return Player(self, history, judge).play()

    def _judge_past_threshold_breach(self, history):
        if self.condition == "no_data":
            return PastMissing(self, history)
        return PastThresholds(self, history, self._get_replay_conditions(history))

    def _get_replay_conditions(self, history):
        """Conditions of the rule; without the running period where it is not known."""
        conditions = self._get_conditions()
        if history.as_known_then:
            return conditions
        return replace(conditions, has_running=np.array([False]))

    def _judge_past_restated(self, history):
        watched = Watched(self, history.kpis, pair_with(self, history.kpis), {})
        # A day more, as the local first day may have begun before that of UTC.
        since = datetime.combine(history.days[0] - DAY, time())
        found = self._fetch_restatements(watched, {self.id: since}, {})
        return PastRestatements(self, history, found)

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
                "period_start": finding.period_start,
                "since_period": finding.since or finding.period_start,
                "value": finding.value,
                "measured": finding.measured,
                "limit": finding.limit,
                "details": finding.details,
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
        """How much each person would have got.

        :return: list of dicts of ``user_id``, ``name``, ``alert_count`` and
            ``message_count``, as alerts of one day come together; most first
        """
        days, counts = defaultdict(set), defaultdict(int)
        receivers = self._find_replayed_receivers(alerts)
        for alert in alerts:
            for user in receivers[alert.first.report_id]:
                counts[user] += 1
                days[user].add(alert.fired_on)
        rows = [
            {
                "user_id": user.id,
                "name": user.name,
                "alert_count": count,
                "message_count": len(days[user]),
            }
            for user, count in counts.items()
        ]
        return sorted(rows, key=lambda row: (-row["alert_count"], row["user_id"]))

    def _find_replayed_receivers(self, alerts):
        """KPI id → ``res.users`` who would get its messages, as an alert finds them."""
        # Who is told of a KPI is no secret from those who make its rules.
        rule = self.sudo()
        events = rule.env["kpi.alert.event"]
        by_report = {
            report_id: events.new({"alert_id": rule.id, "report_id": report_id})
            for report_id in {alert.first.report_id for alert in alerts}
        }
        people = PeopleFinder(events.concat(*by_report.values()), fields.Datetime.now())
        mutes = rule.env["kpi.alert.mute"].search([("alert_id", "=", rule.id)])
        found = {}
        for report_id, event in by_report.items():
            named = rule._get_named_users(event.report_id)
            told = people.filter_there(event, named)
            told = told or people.find_rule_owner(event)
            told = told or people.find_administrators(event)
            found[report_id] = told - mutes.user_id
        return found

    def _get_named_users(self, report):
        """Whom the rule names for alerts of a KPI, there or not."""
        if self.is_personal:
            return self.owner_id
        users = self.user_ids
        return users | report.owner_id if self.tell_responsible else users
