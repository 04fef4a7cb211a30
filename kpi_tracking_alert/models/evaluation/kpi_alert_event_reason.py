from odoo import api, fields, models

from odoo.addons.kpi_base.percent import format_percent

MOST_EXTRA = 4  # decimals beside the KPI's, where a number would look like its limit
WORSE = {"higher": -1, "lower": 1}  # direction → sign of changes for the worse


class KpiAlertEvent(models.Model):
    """Why an alert fires, in the language of whoever reads it.

    ``details`` holds what the columns do not. Of a threshold: ``values`` of the periods
    in a row, the newest first, ``target``, ``condition``, ``limit_high``, ``not_yet``
    (where the alert ends, of a number between that and the limit) and ``is_running``;
    of missing values ``newest``, the day from which the last one is; of an unusual
    value its ``kind`` and ``margin``; of a restated one ``old``, ``new`` and ``cause``.
    """

    _inherit = "kpi.alert.event"

    reason = fields.Char(compute="_compute_reason", help="Why it fires, in words.")

    @api.depends_context("lang")
    @api.depends("details", "measured", "limit", "period_start", "since_period")
    def _compute_reason(self):
        for event in self:
            event.reason = event._describe()

    def _describe(self):
        """Why it fires, by ``alert_type``: the method ``_describe_<value>``."""
        self.ensure_one()
        name = f"_describe_{self.alert_type}"
        describe = getattr(self, name, None)
        if describe is None:
            raise NotImplementedError(f"{self._name} has no {name}")
        return describe()

    def _describe_threshold_breach(self):
        details = self.details or {}
        if "newest" in details:
            return self._describe_missing(details["newest"])
        if self.measured is False:
            return ""
        text = self.env._(
            "%(number)s, %(condition)s",
            number=self._say_measured(details),
            condition=self._say_condition(details),
        )
        # How long the rule has been broken for says nothing of what breaks it no more.
        if details.get("not_yet") is None:
            text = self._add_duration(text)
        return self._add_target(text, details)

    def _describe_missing(self, newest):
        if not newest:
            return self.env._("No value for %s, nor any before", self.period_label)
        return self.env._(
            "No value for %(period)s; the last one is of %(newest)s",
            period=self.period_label,
            newest=self.report_id._get_period_label(fields.Date.to_date(newest)),
        )

    def _describe_trend_deterioration(self):
        if self.measured is False:
            return self.env._("Getting worse")
        sign = "+" if self.measured > 0 else ""
        change = sign + format_percent(self.env, self.measured / 100, 1)
        # A trend is found over all periods; the last three may go the other way.
        worse = WORSE.get(self.report_id.direction)
        if worse and self.measured * worse <= 0:
            return self.env._(
                "Getting worse in the long run, though %s over three periods", change
            )
        return self.env._("Getting worse: %s over three periods", change)

    def _describe_target_risk(self):
        if self.measured is False:
            return ""
        # Nothing that is forecast is certain.
        chance = min(max(self.measured, 1.0), 99.0)
        return self.env._(
            "Chance of the target: %(chance)s, below %(limit)s",
            chance=format_percent(self.env, chance / 100, 0),
            limit=format_percent(self.env, self.limit / 100, 0),
        )

    def _describe_anomaly_detected(self):
        details = self.details or {}
        found = self.env["kpi.anomaly"].new(
            {
                "report_id": self.report_id.id,
                "kind": details.get("kind", "spike"),
                "period_start": self.since_period,
                "oddest_start": self.period_start,
                "value": self.value,
                "expected": self.limit,
                "margin": details.get("margin") or 0.0,
            }
        )
        return found._describe()

    def _describe_restated(self):
        details = self.details or {}
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.report_id.sudo().definition_id
        causes = self.env["kpi.restatement"]._get_cause_texts()
        texts = {
            "period": self.period_label,
            "old": kpi._format_rounded(details.get("old") or 0.0, 1),
            "cause": causes.get(details.get("cause"), ""),
        }
        new = details.get("new")
        if new is None:
            return self.env._(
                "%(period)s was %(old)s and has no value now: %(cause)s", **texts
            )
        return self.env._(
            "%(period)s was %(old)s and is %(new)s now: %(cause)s",
            new=kpi._format_rounded(new, 1),
            **texts,
        )

    def _say_measured(self, details):
        """What was compared: “70”, “70 % of the target”, …"""
        number = self._format_compared(self.measured, self._count_decimals(details))
        if self.compared == "achievement" and details.get("is_running"):
            return self.env._("Achievement so far %s", number)
        texts = {
            "target": self.env._("%s of the target", number),
            "achievement": self.env._("Achievement %s", number),
            "previous": self.env._("%s on the period before", number),
            "last_year": self.env._("%s on the year before", number),
            "baseline": self.env._("%s on the baseline", number),
        }
        return texts.get(self.compared, number)

    def _say_condition(self, details):
        """What the rule says of it: “below 85”, …"""
        extra, high = self._count_decimals(details), details.get("limit_high")
        clear = details.get("not_yet")
        if clear is not None:
            text = self._format_compared(clear, extra)
            if self.measured > clear:
                return self.env._("not yet down to %s", text)
            return self.env._("not yet up to %s", text)
        limit = self._format_compared(self.limit, extra)
        if high is not None:
            if self.measured > high:
                return self.env._("above %s", self._format_compared(high, extra))
            return self.env._("below %s", limit)
        if details.get("condition") == "above":
            return self.env._("above %s", limit)
        return self.env._("below %s", limit)

    def _count_decimals(self, details):
        """Decimals needed beside the usual ones to see that a limit was passed."""
        clear = details.get("not_yet")
        limit = self.limit if clear is None else clear
        for extra in range(MOST_EXTRA):
            measured = self._format_compared(self.measured, extra)
            if measured != self._format_compared(limit, extra):
                return extra
        return 0

    def _format_compared(self, number, extra):
        if self.compared == "value":
            # Who sees a KPI reads its numbers in its unit.
            return self.report_id.sudo().definition_id._format_rounded(number, extra)
        share = number if self.compared == "target" else number / 100
        return format_percent(self.env, share, extra)

    def _add_duration(self, text):
        """The text with how many periods in a row it holds for."""
        # What periods are called is no secret.
        calendar = self.report_id.sudo().definition_id.calendar_id
        since = min(self.since_period or self.period_start, self.period_start)
        count = len(calendar._periods(self.grain, since, self.period_start))
        if count == 1:
            return text
        said = {"reason": text, "count": count}
        texts = {
            "day": self.env._("%(reason)s for %(count)s days", **said),
            "week": self.env._("%(reason)s for %(count)s weeks", **said),
            "month": self.env._("%(reason)s for %(count)s months", **said),
            "quarter": self.env._("%(reason)s for %(count)s quarters", **said),
            "year": self.env._("%(reason)s for %(count)s years", **said),
        }
        return texts[self.grain]

    def _add_target(self, text, details):
        """The text with how far the value misses its target, unless it says so."""
        target = details.get("target") or 0.0
        is_said = self.compared in ("target", "achievement")
        if target <= 0 or self.value is False or is_said:
            return text
        gap = self.value / target - 1
        share = format_percent(self.env, abs(gap), 0)
        if self.report_id.direction == "higher" and gap < 0:
            return self.env._(
                "%(reason)s; %(share)s under the target", reason=text, share=share
            )
        if self.report_id.direction == "lower" and gap > 0:
            return self.env._(
                "%(reason)s; %(share)s over the target", reason=text, share=share
            )
        return text
