from decimal import Decimal
from math import isfinite, prod

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..baseline.kpi_baseline import REPORTS
from .sentence import cite

MONTHLY = "month"
PERCENT = "percent"
EXTRA = ("adoption_id", "volume_id")


class KpiBaseline(models.Model):
    """What drives a benefit that a KPI measures, and why the KPI moved."""

    _inherit = "kpi.baseline"

    def _list_bridge_factors(self, months):
        """Planned and actual numbers whose product is the benefit, by month.

        Planned are the targets: of the KPI, of adoption and volume; without one these
        are as they were. Only of KPIs by month, as others share their months out.

        :return: place of a month → factor → (planned, actual)
        """
        count = months.history.closed
        if not (self and count and self._can_list_factors()):
            return {}
        last = months.get_day(count - 1)
        read = {
            name: self._read_months_of(self[name], months.first, last)
            for name in REPORTS
            if self[name]
        }
        shares = self.share_ids.sorted("date_from")
        found = {}
        for place in range(count):
            month = months.get_day(place)
            known = {name: numbers.get(month) for name, numbers in read.items()}
            held = shares.filtered(lambda one, month=month: one.date_from <= month)
            if held and all(one is not None for one in known.values()):
                found[place] = self._pair_factors(known, shares[0], held[-1])
        return found

    def _can_list_factors(self):
        reports = self.report_id | self.control_id | self.adoption_id | self.volume_id
        return (
            self.target_value is not False
            and self.unit_value is not False
            and self.baseline_value is not False
            and set(reports.mapped("frequency")) == {MONTHLY}
        )

    def _read_months_of(self, report, first, last):
        """First day of a month → (value, target or None) where there is a value."""
        (series,) = report._series(MONTHLY, first, last)
        row = series.row_of[report.id]
        values, targets = series.values[row], series.targets.target[row]
        return {
            period.start: (float(value), float(target) if isfinite(target) else None)
            for period, value, target in zip(
                series.periods, values, targets, strict=True
            )
            if isfinite(value)
        }

    def _pair_factors(self, known, first_share, share):
        """(planned, actual) of each factor in one month."""
        actual = known["report_id"][0] - self.baseline_value
        if self.control_id:
            actual -= known["control_id"][0] - self.control_baseline
        planned = {
            name: value if target is None else target
            for name, (value, target) in known.items()
        }
        done = {name: value for name, (value, _target) in known.items()}
        return {
            name: (Decimal(repr(before)), Decimal(repr(after)))
            for (name, before), after in zip(
                self._list_factors(
                    self.target_value - self.baseline_value, first_share, planned
                ).items(),
                self._list_factors(actual, share, done).values(),
                strict=True,
            )
        }

    def _list_factors(self, change, share, numbers):
        """Factor → its number; their product is the benefit of a month.

        :param change: of the KPI, from its baseline
        :param numbers: of adoption and volume, by the name of their fields
        """
        factors = {
            "rate": self.unit_value * self._get_sign() * change,
            "attribution": share.share / 100,
        }
        for factor, name in (("volume", "volume_id"), ("adoption", "adoption_id")):
            if self[name]:
                scale = 0.01 if self[name].unit == PERCENT else 1.0
                factors[factor] = numbers[name] * scale
        return factors

    def _get_target_worth(self, targets):
        """What the targets are worth in a month, at the share that was claimed first.

        :param targets: as ``_read_extra_targets`` gives them
        :return: None where a number is missing: without a target of its own, nobody
            has said what adoption or volume is to be
        """
        shares = self.share_ids.sorted("date_from")
        if not (shares and self._can_list_factors()):
            return None
        extra = {name: targets.get(self[name].id) for name in EXTRA if self[name]}
        if None in extra.values():
            return None
        change = self.target_value - self.baseline_value
        return prod(self._list_factors(change, shares[0], extra).values())

    def _read_extra_targets(self, month):
        """Id of a KPI of adoption or volume → its target in a month, if it has one."""
        reports = (self.adoption_id | self.volume_id).filtered(
            lambda one: one.frequency == MONTHLY
        )
        found = {}
        for series in reports._series(MONTHLY, month, month):
            for report_id, row in series.row_of.items():
                target = float(series.targets.target[row, -1])
                if isfinite(target):
                    found[report_id] = target
        return found

    def _explain_variance(self, period_from=None, period_to=None):
        """Explain why the KPI moved, from its baseline on unless days are given.

        :return: as of benefits, with ``before`` and ``after`` instead of amounts
        :raises UserError: it has no value yet, or the periods cannot be compared
        """
        last = period_to or self.last_period_start
        if not last:
            raise UserError(
                self.env._("%s has no value since its baseline yet.", self.name)
            )
        last = fields.Date.to_date(last)
        first = period_from or self._find_start(last)
        if not first:
            return self._explain_from_baseline(last)
        change = self.report_id.explain_change(str(first), str(last))
        return {
            "before": change["from"]["value"],
            "after": change["to"]["value"],
            "steps": [
                {"kind": one["kind"], "label": one["label"], "amount": one["part"]}
                for one in change["parts"]
            ],
            "sentences": [
                cite(text, self, self.report_id) for text in change["sentences"]
            ],
        }

    def _find_start(self, last):
        """The last period with a value of those before the baseline; False: none.

        :param last: a day of the period that it is compared with, which is later
        """
        first = min(self._get_first_counted_day(), self._find_period(last).start)
        known = self.report_id._facts() & Domain("period_start", "<", first)
        facts = self.env["kpi.measurement"]
        return facts.search(known, order="period_start DESC", limit=1).period_start

    def _explain_from_baseline(self, day):
        """Compare a value with the baseline, where there is none before it to split."""
        definition, period = self.report_id.definition_id, self._find_period(day)
        known = self.report_id._facts() & Domain("period_start", "=", period.start)
        fact = self.env["kpi.measurement"].search(known, limit=1)
        has_baseline = self.baseline_value is not False
        texts = {
            "kpi": self.name,
            "before": definition._format_value(self.baseline_value or 0.0),
            "after": definition._format_value(fact.value) if fact else "–",
            "period": definition.calendar_id._period_label(period),
        }
        sentence = (
            self.env._(
                "%(kpi)s: %(before)s is the baseline, %(after)s the value of "
                "%(period)s. Without a value from before the baseline it is not known "
                "what the difference is made of.",
                **texts,
            )
            if has_baseline
            else self.env._(
                "%(kpi)s: %(after)s is the value of %(period)s. There is neither a "
                "baseline nor a value from before it to compare with.",
                **texts,
            )
        )
        return {
            "before": self.baseline_value if has_baseline else None,
            "after": fact.value if fact else None,
            "steps": [],
            "sentences": [cite(sentence, self, self.report_id)],
        }
