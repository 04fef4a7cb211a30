from odoo import models

from ...engine.review_figures import DIGITS, Figure

TOTALS = (  # field, unit
    ("expected_value", "money"),
    ("planned_to_date", "money"),
    ("realized_value", "money"),
    ("realization_rate", "percent"),
    ("npv", "money"),
    ("bcr", "number"),
    ("payback_years", "years"),
)
COSTS = ("planned_cost", "forecast_cost", "actual_cost")
OF_BENEFIT = TOTALS[:4]


class KpiInitiative(models.Model):
    """Figures of an initiative now, as a review freezes them."""

    _inherit = "kpi.initiative"

    def _find_hidden_benefits(self):
        """Benefits that count and that the user may not see, as superuser."""
        # Only that there are some is told, nothing of them.
        everything = self.sudo()
        counted = everything._group_benefits()[everything]
        seen = self._group_benefits()[self]
        return counted.filtered(lambda one: one.id not in seen.ids)

    def _list_figures(self):
        """All figures now, whoever may see them: each names what it came from."""
        self.ensure_one()
        # Who reads a figure is decided by the benefits it names.
        initiative = self.sudo()
        benefits = initiative._group_benefits()[initiative]
        ids = tuple(benefits.ids)
        figures = [
            _measure(initiative, "total", "", "", name, unit, ids)
            for name, unit in TOTALS
        ]
        figures.append(
            Figure("total", "", "", "irr", "word", None, initiative.irr or "", ids)
        )
        figures += [
            _measure(initiative, "cost", "", "", name, "money", ()) for name in COSTS
        ]
        figures += initiative._list_go_live()
        for kind, field in (("type", "benefit_type"), ("status", "status")):
            for subject, same in benefits.grouped(field).items():
                figures += same._add_up_figures(kind, subject)
        for benefit in benefits:
            figures += benefit._list_own_figures()
        for gate in initiative.gate_ids.sorted("sequence"):
            figures += [
                _date("gate", gate, "planned_date", gate.planned_date),
                _date("gate", gate, "actual_date", gate.actual_date),
            ]
        return figures

    def _list_go_live(self):
        return [
            Figure("total", "", "", name, "day", None, str(self[name] or ""))
            for name in ("planned_go_live_date", "go_live_date")
        ]


class KpiBenefitRealization(models.Model):
    """Figures of benefits, one by one and together."""

    _inherit = "kpi.benefit.realization"

    def _list_own_figures(self):
        ids = tuple(self.ids)
        subject = str(self.id)
        status = Figure(
            "benefit", subject, self.name, "status", "status", None, self.status, ids
        )
        return [
            *(
                _measure(self, "benefit", subject, self.name, name, unit, ids)
                for name, unit in OF_BENEFIT
            ),
            status,
        ]

    def _add_up_figures(self, kind, subject):
        """Sums of these benefits, and their rate: never a mean of rates."""
        planned, rate = self.period_ids._measure_to_date()
        values = (
            sum(self.mapped("expected_value")),
            planned,
            sum(self.mapped("realized_value")),
            rate,
        )
        return [
            _figure(kind, subject, "", name, unit, value, tuple(self.ids))
            for (name, unit), value in zip(OF_BENEFIT, values, strict=True)
        ]


def _measure(record, kind, subject, name, field, unit, benefits):
    return _figure(kind, subject, name, field, unit, record[field], benefits)


def _figure(kind, subject, name, code, unit, value, benefits):
    number = None if value is False else round(value, DIGITS)
    return Figure(kind, subject, name, code, unit, number, "", benefits)


def _date(kind, record, code, day):
    return Figure(kind, str(record.id), record.name, code, "day", None, str(day or ""))
