from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, time

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.schemas.base import GivenDay

from ...engine.judging import CONDITIONS
from ...engine.round_number import find_round_number
from ..evaluation.finding import Watched, pair_with
from ..routing.people import PeopleFinder
from ..rule.kpi_smart_alert import PATHS
from .history import DAY, Player
from .past_judges import PastMissing, PastRestatements, PastThresholds

MOST_SHOWN = 500  # alerts that are listed; all are counted
# Before each day lie as many periods as a rule looks at, and calendars begin in 1900.
FIRST_YEAR, LAST_YEAR = 1960, 2100
NARROW_SPACE = "\u202f"
MOST_NAMED = 3
MOST_DECIMALS = 6
SAID_OF_CONDITION = {
    "alert_type",
    "applies_to",
    "compared",
    "condition",
    "threshold",
    "threshold_high",
    "periods",
    "no_data_days",
    "chance_below",
    "restated_percent",
    "restated_after_days",
    *(chosen for chosen, _path in PATHS.values()),
}
LONGEST_NAME = 200


class KpiSmartAlert(models.Model):
    """What a rule would have found of days that have passed, before it is turned on."""

    _inherit = "kpi.smart.alert"

    summary = fields.Char("In Words", compute="_compute_summary", exportable=False)
    suggested_name = fields.Char(compute="_compute_summary", exportable=False)
    has_own_name = fields.Boolean(
        "Named by a Person",
        readonly=True,
        default=True,
        copy=False,
        exportable=False,
        help="Else its name follows what has to happen.",
    )

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

    @api.depends(
        *sorted(SAID_OF_CONDITION),
        "is_personal",
        "owner_id",
        "tell_responsible",
        "user_ids",
        "notification_channels",
    )
    @api.depends_context("lang", "uid")
    def _compute_summary(self):
        for rule in self:
            if not (rule.alert_type and rule.applies_to):  # while somebody chooses
                rule.suggested_name = rule.summary = False
                continue
            said = rule._say_condition()
            rule.suggested_name = said[:1].upper() + said[1:]
            rule.summary = rule._say_rule(said)

    def _say_rule(self, condition):
        texts = {"condition": condition, "who": self._say_who()}
        if self.notification_channels == "inbox":
            return self.env._("When %(condition)s, show %(who)s an alert.", **texts)
        return self.env._(
            "When %(condition)s, tell %(who)s %(how)s.", how=self._say_how(), **texts
        )

    def _say_how(self):
        return {
            "email": self.env._("by email"),
            "sms": self.env._("by SMS"),
            "slack": self.env._("on Slack"),
            "teams": self.env._("on Microsoft Teams"),
            "whatsapp": self.env._("on WhatsApp"),
            "push": self.env._("by push message"),
        }.get(self.notification_channels, "")

    def _say_condition(self):
        """What has to happen, by ``alert_type``: the method ``_say_<value>``."""
        self.ensure_one()
        return getattr(self, f"_say_{self.alert_type}")(self._say_watched())

    def _say_threshold_breach(self, watched):
        if self.condition == "no_data":
            return self.env._(
                "%(kpi)s has no value %(days)s working days after a period's end",
                kpi=watched,
                days=self.no_data_days,
            )
        texts = {"kpi": self._say_compared(watched)}
        texts["limit"] = self._say_limit(self.threshold)
        if self.condition == "outside":
            texts["high"] = self._say_limit(self.threshold_high or 0.0)
            said = self.env._("%(kpi)s is not between %(limit)s and %(high)s", **texts)
        elif self.condition == "above":
            said = self.env._("%(kpi)s is above %(limit)s", **texts)
        else:
            said = self.env._("%(kpi)s is below %(limit)s", **texts)
        return self._say_in_a_row(said)

    def _say_trend_deterioration(self, watched):
        return self._say_in_a_row(self.env._("%s gets worse", watched))

    def _say_anomaly_detected(self, watched):
        return self.env._("%s is out of the ordinary", watched)

    def _say_target_risk(self, watched):
        return self.env._(
            "the chance that %(kpi)s reaches its target is below %(percent)s",
            kpi=watched,
            percent=self._say_percent(self.chance_below),
        )

    def _say_restated(self, watched):
        texts = {"kpi": watched, "percent": self._say_percent(self.restated_percent)}
        if not self.restated_after_days:
            return self.env._(
                "%(kpi)s of a closed period changes by more than %(percent)s", **texts
            )
        return self.env._(
            "%(kpi)s of a period that closed %(days)s days ago or earlier changes by"
            " more than %(percent)s",
            days=self.restated_after_days,
            **texts,
        )

    def _say_in_a_row(self, said):
        if self.periods < 2:
            return said
        count = {"said": said, "count": self.periods}
        grains = {
            "day": self.env._("%(said)s for %(count)s days in a row", **count),
            "week": self.env._("%(said)s for %(count)s weeks in a row", **count),
            "month": self.env._("%(said)s for %(count)s months in a row", **count),
            "quarter": self.env._("%(said)s for %(count)s quarters in a row", **count),
            "year": self.env._("%(said)s for %(count)s years in a row", **count),
        }
        usual = self.env._("%(said)s for %(count)s periods in a row", **count)
        frequencies = {each.frequency for each in self._get_watched_definitions()}
        return grains.get(*frequencies, usual) if len(frequencies) == 1 else usual

    def _say_compared(self, watched):
        """What is compared, as the subject of a sentence."""
        said = {
            "achievement": self.env._("the achievement of %s", watched),
            "previous": self.env._("the change of %s on the previous period", watched),
            "last_year": self.env._("the change of %s on the year before", watched),
            "baseline": self.env._("the change of %s on its baseline", watched),
        }
        return said.get(self.compared, watched)

    def _say_limit(self, number):
        """A threshold in the unit of what is compared."""
        if self.compared == "target":
            percent = self._say_percent(100 * number)
            return self.env._("%s of its target", percent)
        if self.compared != "value":
            return self._say_percent(number)
        definitions = self._get_watched_definitions()
        if len(definitions) == 1:
            return definitions._format_value(number)
        return self._say_number(number)

    def _say_percent(self, number):
        return f"{self._say_number(number)}{NARROW_SPACE}%"

    def _say_number(self, number):
        """A number without needless decimals."""
        digits = next(
            (n for n in range(MOST_DECIMALS) if abs(number - round(number, n)) < 1e-9),
            MOST_DECIMALS,
        )
        return formatLang(self.env, round(number, digits) + 0.0, digits=digits)

    def _get_watched_definitions(self):
        """Definitions of the chosen KPIs; none where a group of them is watched."""
        if self.applies_to == "kpi":
            return self.report_ids.definition_id
        if self.applies_to == "definition":
            return self.definition_ids
        return self.env["kpi.definition"]

    def _say_watched(self):
        """The KPIs that are watched, as the subject of a sentence."""
        chosen, _path = PATHS[self.applies_to]
        names = [name for name in self[chosen].mapped("display_name") if name]
        if not names:
            return self.env._("a KPI")
        named = self._list_names(names)
        if self.applies_to in ("kpi", "definition"):
            return named if len(names) == 1 else self.env._("any of %s", named)
        return {
            "category": self.env._("any KPI of the category %s", named),
            "tag": self.env._("any KPI with the tag %s", named),
            "scorecard": self.env._("any KPI of the scorecard %s", named),
            "department": self.env._("any KPI of the department %s or below it", named),
        }[self.applies_to]

    def _list_names(self, names):
        more = len(names) - MOST_NAMED
        if more < 1:
            return format_list(self.env, names, "or")
        named = format_list(self.env, names[:MOST_NAMED], "unit-short")
        return self.env._("%(names)s and %(count)s more", names=named, count=more)

    def _say_who(self):
        if self.is_personal:
            is_me = self.owner_id == self.env.user
            return self.env._("me") if is_me else self.owner_id.name or ""
        # Whom a rule tells is no secret from those who may change it.
        names = self.user_ids.sudo().mapped("name")
        if self.tell_responsible:
            names = [self.env._("its responsible"), *names]
        if not names:
            return self.env._("nobody")
        more = len(names) - MOST_NAMED
        if more < 1:
            return format_list(self.env, names)
        return self._list_names(names)

    @api.model_create_multi
    def create(self, vals_list):
        # A rule watches something from its first moment, so the code is looked up here.
        found = [self._with_metric(self._with_one_line(vals)) for vals in vals_list]
        rules = super().create([self._with_name(vals) for vals in found])
        nameless = [not vals.get("name") for vals in found]
        unnamed = rules.browse(
            [rule.id for rule, is_so in zip(rules, nameless, strict=True) if is_so]
        )
        # Whose name it is, is not for people to write.
        unnamed.sudo().has_own_name = False
        return rules

    def write(self, vals):
        vals = self._with_one_line(vals)
        renamed = self._find_renamed(vals)
        result = super().write(vals)
        # Who may name a rule was asked before; whose name it is, nobody writes.
        renamed.sudo().has_own_name = True
        self._follow_condition(vals.keys())
        return result

    @api.model
    def _with_name(self, vals):
        if vals.get("name"):
            return vals
        rule = self.new(self._add_missing_default_values(vals))
        return {**vals, "name": (rule.suggested_name or "")[:LONGEST_NAME]}

    @api.model
    def _with_one_line(self, vals):
        """These values with spaces for the line breaks of the name."""
        if not isinstance(vals.get("name"), str):
            return vals
        return {**vals, "name": " ".join(vals["name"].splitlines())}

    @api.constrains("name")
    def _check_name(self):
        for rule in self:
            if len(rule.name or "") > LONGEST_NAME:
                raise ValidationError(
                    self.env._(
                        "The name of a rule has at most %s characters.", LONGEST_NAME
                    )
                )

    def _find_renamed(self, vals):
        """The rules that somebody gives another name by these values."""
        if not vals.get("name") or "has_own_name" in vals:
            return self.browse()
        return self.filtered(lambda rule: rule.name != vals["name"])

    def _follow_condition(self, changed):
        """Name rules that nobody has named by what has to happen now.

        :param changed: names of fields
        """
        if SAID_OF_CONDITION.isdisjoint(changed):
            return
        for rule in self.filtered(lambda rule: not rule.has_own_name):
            name = (rule.suggested_name or "")[:LONGEST_NAME]
            if name and name != rule.name:
                # As above.
                rule.sudo().write({"name": name, "has_own_name": False})


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
