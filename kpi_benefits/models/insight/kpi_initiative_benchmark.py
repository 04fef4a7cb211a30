from dataclasses import dataclass

from odoo import models
from odoo.fields import Domain

from odoo.addons.kpi_base.percent import say_percent

from ...engine.benchmark import FEW, rank
from .sentence import cite

COMPARED = ("live", "reviewed", "closed")
MOST_COMPARED = 500


@dataclass(frozen=True)
class Measure:
    """A number by which initiatives are compared.

    :ivar is_share: a share of something, written in percent
    """

    name: str
    is_lower_better: bool
    is_share: bool = True


MEASURES = (
    Measure("realization_rate", is_lower_better=False),
    Measure("bcr", is_lower_better=False, is_share=False),
    Measure("cost_overrun", is_lower_better=True),
    Measure("delay_days", is_lower_better=True, is_share=False),
    Measure("time_overrun", is_lower_better=True),
)


class KpiInitiative(models.Model):
    """Standing of an initiative among others, and beside published ranges."""

    _inherit = "kpi.initiative"

    def _benchmark(self):
        """Compare an initiative with others that are live or were, and with studies.

        Others are those of its company that the user sees. Programmes are not compared.
        :return: list of dicts of ``measure``, ``label``, ``value`` and its ``text``,
            ``percentile`` (100 = better than all others; None: too few), ``others``,
            ``median`` and ``median_text``, ``classes`` (dicts of ``name``, ``low``,
            ``high``, ``source``), ``sentences``; measures that it has
        """
        if self.child_count:
            return []
        others = self._find_compared()
        classes = self.env["kpi.reference.class"].search(
            [("company_id", "in", [False, self.company_id.id])]
        )
        return [
            self._compare(measure, value, others, classes)
            for measure in MEASURES
            if (value := self._measure(measure)) is not None
        ]

    def _find_compared(self):
        known = Domain("status", "in", COMPARED) & Domain("child_ids", "=", False)
        own = Domain("company_id", "=", self.company_id.id)
        return self.with_context(active_test=True).search(
            known & own & Domain("id", "!=", self.id),
            order="go_live_date DESC, id DESC",
            limit=MOST_COMPARED,
        )

    def _measure(self, measure):
        """The number of an initiative; None where it has none."""
        value = getattr(self, f"_measure_{measure.name}")()
        return None if value is None or value is False else float(value)

    def _measure_realization_rate(self):
        return self.realization_rate

    def _measure_bcr(self):
        return self.bcr

    def _measure_cost_overrun(self):
        """Share by which the actual cost, else the forecast, is beyond the plan."""
        cost = self.actual_cost
        if self.status not in COMPARED or cost is False:
            cost = self.forecast_cost
        if cost is False or not self.planned_cost or self.planned_cost <= 0:
            return None
        return cost / self.planned_cost - 1

    def _measure_delay_days(self):
        if not (self.go_live_date and self.planned_go_live_date):
            return None
        return (self.go_live_date - self.planned_go_live_date).days

    def _measure_time_overrun(self):
        """Share by which it took longer from the approval to the go-live."""
        delay = self._measure_delay_days()
        if delay is None or not self.approved_on:
            return None
        planned = (self.planned_go_live_date - self.approved_on).days
        return delay / planned if planned > 0 else None

    def _compare(self, measure, value, others, classes):
        numbers = [one._measure(measure) for one in others]
        known = [number for number in numbers if number is not None]
        ranked = rank(value, known, is_lower_better=measure.is_lower_better)
        published = classes.filtered(lambda one: one.measure == measure.name)
        return {
            "measure": measure.name,
            "label": self._get_measure_labels()[measure.name],
            "value": value,
            "text": self._format_measure(measure, value),
            "percentile": ranked and ranked.percentile,
            "others": len(known),
            "median": ranked and ranked.median,
            "median_text": ranked and self._format_measure(measure, ranked.median),
            "classes": [
                {
                    "name": one.name,
                    "low": one.low,
                    "high": one.high,
                    "source": one.source,
                }
                for one in published
            ],
            "sentences": [
                cite(self._explain_rank(measure, value, ranked, len(known)), self),
                *self._explain_classes(published),
            ],
        }

    def _get_measure_labels(self):
        return {
            "realization_rate": self.env._("Realization rate"),
            "bcr": self.env._("Benefit-cost ratio"),
            "cost_overrun": self.env._("Cost overrun"),
            "delay_days": self.env._("Delay of the go-live"),
            "time_overrun": self.env._("Time overrun"),
        }

    def _format_measure(self, measure, value):
        if measure.is_share:
            return say_percent(self.env, value, digits=0)
        if measure.name == "delay_days":
            return self.env._("%s days", round(value))
        return f"{value:.2f}"

    def _explain_rank(self, measure, value, ranked, count):
        known = {
            "label": self._get_measure_labels()[measure.name],
            "value": self._format_measure(measure, value),
            "count": count,
            "least": FEW,
        }
        if not ranked:
            return self.env._(
                "%(label)s: %(value)s. Only %(count)s of your other initiatives have"
                " one to compare with; %(least)s are needed.",
                **known,
            )
        return self.env._(
            "%(label)s: %(value)s, better than %(percent)s of %(count)s other"
            " initiatives (median %(median)s).",
            **known,
            percent=say_percent(self.env, ranked.percentile / 100, digits=0),
            median=self._format_measure(measure, ranked.median),
        )

    def _explain_classes(self, published):
        """Say what studies found of projects of some kinds."""
        return [
            cite(
                self.env._(
                    "%(kind)s: %(low)s to %(high)s (%(study)s).",
                    kind=one.name,
                    low=say_percent(self.env, one.low, digits=0),
                    high=say_percent(self.env, one.high, digits=0),
                    study=one.source,
                ),
                one,
            )
            for one in published
        ]
