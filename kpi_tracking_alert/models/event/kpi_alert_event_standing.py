from collections import defaultdict

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.formatting import compact
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_achievement
from odoo.addons.kpi_tracking.models.definition.kpi_zones_mixin import STATUSES
from odoo.addons.kpi_tracking.models.report.kpi_report import JUDGED
from odoo.addons.kpi_tracking_analytics.models.change import (
    FINEST_LAST,
    split_remainder,
)

MAX_PARTS = 6
CHART_PERIODS = 13  # a year and the same period of the year before
# The headline names what is compared.
IN_HEADLINE = ("value", "target", "achievement")
# What the status is about as well.
RATED_BY = ("target", "achievement")


class KpiAlertEvent(models.Model):
    """How the KPI stood in the period of an alert: its figures, sentence and chart."""

    _inherit = "kpi.alert.event"

    scope_name = fields.Char(related="report_id.scope_name", string="Level")
    direction = fields.Selection(related="report_id.direction")
    aggregation_time = fields.Selection(related="report_id.aggregation_time")
    period_value = OptionalFloat(
        "Value in Period",
        compute="_compute_standing",
        aggregator=False,
        exportable=False,
    )
    target_value = OptionalFloat(
        "Target", compute="_compute_standing", aggregator=False, exportable=False
    )
    target_share = OptionalFloat(
        "Of Target (%)", compute="_compute_standing", aggregator=False, exportable=False
    )
    status = fields.Selection(
        STATUSES, "KPI Status", compute="_compute_standing", exportable=False
    )
    is_running = fields.Boolean(compute="_compute_standing", exportable=False)
    headline = fields.Char(compute="_compute_headline", exportable=False)
    closing = fields.Char(
        compute="_compute_closing",
        exportable=False,
        help="When the alert opens and when it closes by itself.",
    )
    chart = fields.Json(compute="_compute_chart", exportable=False)
    parts = fields.Json(compute="_compute_parts", exportable=False)

    def _get_standings(self):
        """``Standing`` of the KPI in the period of each alert, by id of the alert.

        By a constant number of statements; without alerts about periods of another
        length than those that their KPI has now.
        """
        # Who sees an alert sees how its KPI stands.
        alerts = self.sudo()
        period_of, wanted = {}, defaultdict(dict)
        for event in alerts:
            report = event.report_id
            if event.period_start and event.grain == report.frequency:
                calendar = report.definition_id.calendar_id
                period = calendar._period(event.grain, event.period_start)
                period_of[event.id] = report, period.start
                wanted[report][period.start] = period
        found = alerts.report_id._get_standings(
            {report: [*periods.values()] for report, periods in wanted.items()}
        )
        standings = {
            (report, standing.period.start): standing
            for report, of_report in found.items()
            for standing in of_report
        }
        return {event_id: standings[key] for event_id, key in period_of.items()}

    @api.depends(
        "grain",
        "period_start",
        "value",
        "report_id.sparkline",
        "report_id.status",
        "report_id.target_value",
    )
    def _compute_standing(self):
        standings = self._get_standings()
        for event in self:
            standing = standings.get(event.id)
            if not standing:
                event.period_value = event.value
                event.target_value = event.target_share = False
                # False where it is missing.
                event.status = "no_data" if event.value is False else "no_target"
                event.is_running = False
                continue
            judged = standing.judged
            event.period_value = judged.value
            is_rated = judged.status in JUDGED
            event.target_value = judged.due_target if is_rated else None
            event.target_share = _get_target_share(standing)
            event.status = judged.status
            event.is_running = standing.is_running

    @api.depends("report_id.name", "grain", "period_start")
    @api.depends_context("allowed_company_ids")
    def _compute_display_name(self):
        for event in self:
            name, period = event._get_kpi_name(), event.period_label
            event.display_name = f"{name} · {period}" if period else name

    def _get_kpi_name(self):
        """Name of the KPI, with its level unless the user sees one company only."""
        # Who sees the alert sees the KPI's name.
        report = self.report_id.sudo()
        is_whole = report.scope_type == "company" and len(self.env.companies) < 2
        return report.kpi_name if is_whole else report.name

    @api.depends("status", "period_value", "target_share", "report_id.name")
    @api.depends_context("allowed_company_ids", "lang")
    def _compute_headline(self):
        standings = self._get_standings()
        for event in self:
            event.headline = event._format_headline(standings.get(event.id))

    def _format_headline(self, standing):
        """“Order Value was 586 k€ in Oct 2026, 73% of its target”.

        :param standing: of its period; None where that is not known
        """
        period = standing.label if standing else self.period_label
        words = {"kpi": self._get_kpi_name(), "when": self.env._("in %s", period)}
        if self.grain == "day":
            words["when"] = self.env._("on %s", period)
        value = standing.judged.value if standing else self.value
        if value is None or value is False:
            return self.env._("%(kpi)s has no value %(when)s", **words)
        words["value"] = self._format_short(value)
        share = standing and _get_target_share(standing)
        is_running = bool(standing and standing.is_running)
        if share is None or not standing:
            if is_running:
                return self.env._("%(kpi)s is %(value)s so far %(when)s", **words)
            return self.env._("%(kpi)s was %(value)s %(when)s", **words)
        words["share"] = format_achievement(self.env, share)
        if not is_running:
            return self.env._(
                "%(kpi)s was %(value)s %(when)s, %(share)s of its target", **words
            )
        if standing.judged.target_to_date is None:
            return self.env._(
                "%(kpi)s is %(value)s so far %(when)s, %(share)s of its target", **words
            )
        return self.env._(
            "%(kpi)s is %(value)s so far %(when)s, %(share)s of its target to date",
            **words,
        )

    def _format_short(self, value, report=None):
        """A value in three digits with its unit: of this KPI, or of another one."""
        reader = self.env["kpi.dashboard"]._reader()
        # Who sees a KPI reads its numbers in its unit.
        definition = (report or self.report_id).sudo().definition_id
        return compact(reader.table, value, reader.unit(definition._unit_description()))

    @api.depends(
        "details",
        "limit",
        "period_start",
        "reason",
        "resolution",
        "state",
        "status",
        "report_id.current_value",
        "report_id.status",
    )
    @api.depends_context("lang", "uid")
    def _compute_closing(self):
        """What opens and ends the alert, by ``alert_type``: ``_list_ends_<value>``."""
        running = self._list_running_findings()
        for event in self:
            if event.state == "resolved":
                event.closing = event._say_end()
                continue
            texts = getattr(event, f"_list_ends_{event.alert_type}")()
            finding = running.get(event.report_id.id)
            if finding:
                texts.append(self.env._("%s.", finding))
            event.closing = " ".join(texts)

    def _list_running_findings(self):
        """What is said of the running periods, of alerts about earlier ones.

        :return: dict report id → text
        """
        periods_of = {}
        for event in self:
            # What periods are called is no secret.
            report = event.report_id.sudo()
            calendar = report.definition_id.calendar_id
            running = calendar._period(report.frequency, calendar._today())
            if event.state != "resolved" and event.period_start < running.start:
                periods_of[event.report_id] = [running]
        findings = self.env["kpi.report"]._get_findings(periods_of)
        return {
            report.id: text
            for report, texts in findings.items()
            for text in texts.values()
        }

    def _list_ends_threshold_breach(self):
        details = self.details or {}
        if "newest" in details:
            return [
                *self._list_reason(),
                self.env._("The alert closes by itself with the next value."),
            ]
        if self.measured is False or self.limit is False:
            return []
        # Who sees an alert sees what opens and ends it.
        rule = self.alert_id.sudo()
        texts = [] if self.compared in IN_HEADLINE else self._list_reason()
        high = details.get("limit_high")
        ends = [
            limit if clear is False else clear
            for limit, clear in (
                (self.limit, rule.clear_threshold),
                (high, rule.clear_threshold_high),
            )
        ]
        if high is not None:
            limits = {"low": self.limit, "high": high}
            said = {name: self._format_limit(limits[name]) for name in limits}
            texts.append(
                self.env._("The alert opens below %(low)s or above %(high)s.", **said)
            )
            low, upper = map(self._format_threshold, ends)
            back = self.env._("between %(low)s and %(high)s", low=low, high=upper)
        elif details.get("condition") == "above":
            limit = self._format_limit(self.limit)
            texts.append(self.env._("The alert opens above %s.", limit))
            back = self.env._("at %s or less", self._format_threshold(ends[0]))
        else:
            limit = self._format_limit(self.limit)
            texts.append(self.env._("The alert opens below %s.", limit))
            back = self.env._("at %s or more", self._format_threshold(ends[0]))
        texts.append(self.env._("It closes by itself when a period is back %s.", back))
        return [*texts, *self._list_status_notes()]

    def _list_status_notes(self):
        """Why the KPI is on track, where its rule is stricter than the status."""
        if self.status != "on_target" or self.compared not in RATED_BY:
            return []
        limit, _at_risk = self.report_id._get_status_limits(self.period_start)
        # As its rule writes numbers.
        text = self.alert_id.sudo()._format_percent(limit)
        return [
            self.env._(
                "The rule is stricter than the status, which is On track from an "
                "achievement of %s.",
                text,
            )
        ]

    def _list_reason(self):
        return [self.env._("%s.", self.reason)] if self.reason else []

    def _format_threshold(self, number):
        """A threshold in the unit of what is compared."""
        if self.compared == "value":
            # Who sees a KPI reads its numbers in its unit.
            return self.report_id.sudo().definition_id._format_value(number)
        share = 100 * number if self.compared == "target" else number
        # As its rule writes numbers.
        return self.alert_id.sudo()._format_percent(share)

    def _format_limit(self, number):
        """A threshold with what it is compared with: “90% of target”."""
        text = self._format_threshold(number)
        texts = {
            "target": self.env._("%s of target", text),
            "achievement": self.env._("an achievement of %s", text),
            "previous": self.env._("a change of %s vs previous period", text),
            "last_year": self.env._("a change of %s vs last year", text),
            "baseline": self.env._("a change of %s vs baseline", text),
        }
        return texts.get(self.compared, text)

    def _list_ends_trend_deterioration(self):
        return [
            *self._list_reason(),
            self.env._("The alert closes by itself when the trend gets no worse."),
        ]

    def _list_ends_target_risk(self):
        # As its rule writes numbers.
        limit = self.alert_id.sudo()._format_percent(self.limit or 0.0)
        return [
            *self._list_reason(),
            self.env._(
                "The alert closes by itself when the chance is back at %s or more.",
                limit,
            ),
        ]

    def _list_ends_anomaly_detected(self):
        return [
            *self._list_reason(),
            self.env._("The alert closes by itself when values are usual again."),
        ]

    def _list_ends_restated(self):
        # As its rule writes numbers.
        limit = self.alert_id.sudo()._format_percent(self.limit or 0.0)
        return [
            *self._list_reason(),
            self.env._(
                "The alert closes by itself when the change is %s or less.", limit
            ),
        ]

    @api.depends(
        "compared", "details", "grain", "limit", "period_start", "report_id.sparkline"
    )
    @api.depends_context("lang", "uid")
    def _compute_chart(self):
        for event in self:
            event.chart = event._prepare_chart()

    def _prepare_chart(self):
        """Points of the KPI's own chart, of which one is that of the alert.

        :return: dict of ``points``, as ``get_history`` makes them, that of the alert
            with ``is_alert``, and ``limits``: dicts of ``text`` and ``values``; False
            where there is no value, or periods have another length now
        """
        history = self.env["kpi.report"].get_history(self.report_id.id, self.grain)
        points = [
            each for each in history.get("points") or () if not each.get("coming")
        ]
        if history.get("grain") != self.grain or not points:
            return False
        start = fields.Date.to_string(self.period_start)
        # From the last periods on, or from the one before that of an older alert.
        first = max(len(points) - CHART_PERIODS, 0)
        places = [at for at, point in enumerate(points) if point["start"] == start]
        if places:
            first = min(first, max(places[0] - 1, 0))
        shown = [
            {
                **point,
                "is_alert": point["start"] == start,
                "value": None if point["untouched"] else point["value"],
            }
            for point in points[first:]
        ]
        limits = [
            {"text": text, "values": values}
            for text, values in self._list_limits(shown)
        ]
        return {"points": shown, "limits": limits}

    def _list_limits(self, points):
        """The levels that open the alert, as (name, level in each period).

        An empty text where what is compared is no value.

        :param points: dicts with ``target`` and ``baseline``
        """
        if self.limit is False:
            return []
        targets = [point["target"] for point in points]
        if self.compared == "value":
            shares = [1.0] * len(points)
        elif self.compared == "target":
            shares = targets
        elif self.compared == "achievement" and self._is_share_of_target(points):
            shares = [each if each is None else each / 100 for each in targets]
        else:
            return []
        details = self.details or {}
        is_above = details.get("condition") == "above"
        limits = [(self.limit, is_above), (details.get("limit_high"), True)]
        found = []
        for limit, is_upper in limits:
            if limit is None:
                continue
            text = self._format_threshold(limit)
            name = (
                self.env._("Alert above %s", text)
                if is_upper
                else self.env._("Alert below %s", text)
            )
            levels = [share if share is None else share * limit for share in shares]
            if any(level is not None for level in levels):
                found.append((name, levels))
        return found

    def _is_share_of_target(self, points):
        """Whether achievements are shares of the target, see ``Standing.is_share``."""
        return self.report_id.direction == "higher" and all(
            point["baseline"] is None or point["baseline"] >= (point["target"] or 0.0)
            for point in points
        )

    @api.depends("grain", "period_start", "report_id.made_of_ids")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_parts(self):
        for event in self:
            event.parts = event._list_parts()

    def _list_parts(self):
        """What the value is made of: the KPI one level down, or the formula's KPIs.

        Of a sum the parts are of one kind of level, without those that add nothing, and
        what is in none of them is listed as “Others”: they add up to the value.

        :return: list of dicts of ``id`` (False = others), ``name``, ``text`` (its
            value), ``exact``, ``share`` (of the target, in words) and ``status``, worst
            first; only what the user sees and has a value in the period
        """
        own = self.report_id.sudo().definition_id  # known to readers
        kpis = self.report_id.made_of_ids.filtered(
            lambda kpi: kpi.frequency == self.grain
        )
        # What periods are called is no secret.
        periods_of = {
            kpi: [
                kpi.sudo().definition_id.calendar_id._period(
                    self.grain, self.period_start
                )
            ]
            for kpi in kpis
        }
        found = [
            (kpi, standing)
            for kpi, (standing,) in kpis._get_standings(periods_of).items()
            if standing.judged.value is not None
        ]
        is_sum = self.report_id._find_method_kind(own) == "sum"
        if is_sum:
            found = self._choose_addends(found)
        ranks = {status: rank for rank, (status, _word) in enumerate(STATUSES)}
        found.sort(
            key=lambda pair: (
                ranks[pair[1].judged.status],
                pair[1].judged.achievement or 0.0,
                -abs(pair[1].judged.value),
            )
        )
        most = MAX_PARTS - 1 if is_sum and len(found) > MAX_PARTS else MAX_PARTS
        parts = []
        for kpi, standing in found[:most]:
            # Who sees a KPI reads its numbers in its unit.
            definition = kpi.sudo().definition_id
            share, value = _get_target_share(standing), standing.judged.value
            parts.append(
                {
                    "id": kpi.id,
                    "name": kpi.scope_name if definition == own else kpi.name,
                    "text": self._format_short(value, kpi),
                    "exact": definition._format_value(value),
                    "share": ""
                    if share is None
                    else format_achievement(self.env, share),
                    "status": standing.judged.status,
                }
            )
        if is_sum and parts:
            values = [standing.judged.value for _kpi, standing in found[:most]]
            parts += self._list_others(found[0][0].scope_type, values)
        return parts

    def _choose_addends(self, found):
        """Of pairs of a part and its standing those that make up a sum: of one kind of
        level, as a person is in a team and in a department, too. The first kind with
        several parts, from departments to people.
        """
        own = self.report_id.sudo().definition_id  # known to readers
        of_kind = defaultdict(list)
        for kpi, standing in found:
            # One at 0 of its target explains more than it adds.
            if kpi.definition_id == own and (
                standing.judged.value or _get_target_share(standing) is not None
            ):
                of_kind[kpi.scope_type].append((kpi, standing))
        kinds = [of_kind[name] for name in FINEST_LAST if of_kind[name]]
        several = [pairs for pairs in kinds if len(pairs) > 1]
        return next(iter([*several, *kinds]), [])

    def _list_others(self, scope_type, values):
        """The rest of a sum after the ``values`` of its parts, as ``_list_parts``; none
        where that is rounding, or a record can count for several parts."""
        report, value = self.report_id, self.period_value
        own = report.sudo().definition_id  # known to readers
        if value is False or report._counts_for_several(scope_type, own):
            return []
        rest = split_remainder(value, values, max(map(abs, [value, *values])))
        # Parts that overlap add up to more than the sum.
        if not rest or rest * value < 0:
            return []
        return [
            {
                "id": False,
                "name": self.env._("Others"),
                "text": self._format_short(rest),
                "exact": own._format_value(rest),
                "share": "",
                "status": "no_target",
            }
        ]

    def action_explain_change(self):
        """Open why the KPI moved to the period of the alert."""
        self.ensure_one()
        self.check_access("read")
        return self.report_id._open_change(self.period_start)


def _get_target_share(standing):
    """Value in percent of the target that is due; None where it is no share of it."""
    judged = standing.judged
    if standing.is_share and standing.is_judged:
        return judged.achievement  # as everywhere else
    target = judged.due_target
    is_comparable = standing.is_judged and standing.direction != "range"
    if not is_comparable or judged.value is None or not target or target < 0:
        return None
    return 100 * judged.value / target
