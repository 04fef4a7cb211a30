from odoo import models

from ...engine.review_figures import DIGITS, Figure
from ..baseline.kpi_baseline import LARGEST

TOTALS = (  # field, unit
    ("expected_value", "money"),
    ("planned_to_date", "money"),
    ("realized_value", "money"),
    ("realization_rate", "percent"),
)
APPRAISED = (
    ("npv", "money"),
    ("bcr", "number"),
    ("payback_years", "years"),
)
COSTS = ("planned_cost", "forecast_cost", "actual_cost")
OF_KPI = (
    ("baseline_value", "kpi"),
    ("target_value", "kpi"),
    ("last_value", "kpi"),
    ("progress", "percent"),
)


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

    def _find_hidden_baselines(self):
        """Tracked KPIs that the user may not see, as superuser."""
        # As above.
        tracked = self.sudo()._find_baselines()
        seen = self._find_baselines()
        return tracked.filtered(lambda one: one.id not in seen.ids)

    def _find_baselines(self):
        """The KPIs of the initiative that count and that the user may read."""
        baselines = self.env["kpi.baseline"].with_context(active_test=True)
        return baselines.search([("initiative_id", "in", self.ids)])

    def _find_hidden_costs(self):
        """Initiatives below with costs, that the user may not see, as superuser."""
        # As above.
        everything = self.sudo()._find_below_with_costs()
        seen = self._find_below_with_costs()
        return everything.filtered(lambda one: one.id not in seen.ids)

    def _find_below_with_costs(self):
        """Initiatives below this one of which anything is known to cost."""
        below = self._group_tree()[self] - self
        return below.filtered(lambda one: any(one[name] is not False for name in COSTS))

    def _list_figures(self):
        """All figures now, whoever may see them: each names what it came from."""
        self.ensure_one()
        # Who reads a figure is decided by the benefits and KPIs that it names.
        initiative = self.sudo()
        benefits = initiative._group_benefits()[initiative]
        figures = initiative._list_total_figures(benefits._get_basis())
        for kind, field in (("type", "benefit_type"), ("status", "status")):
            for subject, same in benefits.grouped(field).items():
                figures += same._add_up_figures(kind, subject)
        for benefit in benefits:
            figures += benefit._list_own_figures()
        for baseline in initiative._find_baselines():
            figures += baseline._list_own_figures()
        for gate in initiative.gate_ids.sorted("sequence"):
            figures += [
                _date("gate", gate, "planned_date", gate.planned_date),
                _date("gate", gate, "actual_date", gate.actual_date),
            ]
        return figures

    def _list_total_figures(self, basis):
        below = self._find_below_with_costs()
        appraised = (*basis, tuple(below.ids))
        return [
            *(
                _measure(self, "total", "", "", name, unit, basis)
                for name, unit in TOTALS
            ),
            *(
                _measure(self, "total", "", "", name, unit, appraised)
                for name, unit in APPRAISED
            ),
            self._get_return_figure(appraised),
            *self._list_cost_figures(below),
            *(
                Figure("total", "", "", name, "day", None, str(self[name] or ""))
                for name in ("planned_go_live_date", "go_live_date")
            ),
        ]

    def _list_cost_figures(self, below):
        """What it costs; of a programme each initiative too, whose costs add up."""
        together = (), (), tuple(below.ids)
        figures = [
            _figure("cost", "", "", name, "money", self[f"program_{name}"], together)
            for name in COSTS
        ]
        for one in (self | below) if below else ():
            basis = (), (), tuple((one - self).ids)
            figures += [
                _measure(one, "cost", str(one.id), one.name, name, "money", basis)
                for name in COSTS
            ]
        return figures

    def _get_return_figure(self, basis):
        """The internal rate of return: a number, or a word for why there is none."""
        value, reason = self._get_return()
        return _figure("total", "", "", "irr", "percent", value, basis, reason)


class KpiBenefitRealization(models.Model):
    """Figures of benefits, one by one and together."""

    _inherit = "kpi.benefit.realization"

    def _get_basis(self):
        """Ids of these benefits, and of the KPIs that measure or measured them."""
        reports = self.baseline_id._get_used_reports() | self.former_report_ids
        return tuple(self.ids), tuple(reports.ids)

    def _list_own_figures(self):
        basis = self._get_basis()
        subject = str(self.id)
        status = Figure(
            "benefit", subject, self.name, "status", "status", None, self.status, *basis
        )
        return [
            *(
                _measure(self, "benefit", subject, self.name, name, unit, basis)
                for name, unit in TOTALS
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
        basis = self._get_basis()
        return [
            _figure(kind, subject, "", name, unit, value, basis)
            for (name, unit), value in zip(TOTALS, values, strict=True)
        ]


class KpiBaseline(models.Model):
    """Figures of KPIs: what they were, are to become, and are."""

    _inherit = "kpi.baseline"

    def _list_own_figures(self):
        basis = (), tuple(self._get_used_reports().ids)
        periods = {"last_value": str(self.last_period_start or "")}
        about = "kpi", str(self.id), self.name
        return [
            _figure(*about, name, unit, self[name], basis, periods.get(name, ""))
            for name, unit in OF_KPI
        ]

    def _prepare_figure_unit(self, unit):
        """The unit of the KPI as it is now, for figures in the unit ``unit``."""
        values = {"baseline_id": self.id, "decimals": self.decimals}
        if unit != "kpi":
            return values
        if self.unit == "currency":
            return {**values, "unit": "money", "currency_id": self.currency_id.id}
        symbols = {
            "percent": "%",
            "duration": self.duration_unit,
            "custom": self.unit_symbol,
        }
        return {**values, "unit_symbol": symbols.get(self.unit) or False}


def _measure(record, kind, subject, name, field, unit, basis):
    return _figure(kind, subject, name, field, unit, record[field], basis)


def _figure(kind, subject, name, code, unit, value, basis, text=""):
    # Values of KPIs can be of any size; what nothing is counted in is none.
    is_known = value is not False and abs(value) <= LARGEST
    number = round(value, DIGITS) if is_known else None
    return Figure(kind, subject, name, code, unit, number, text, *basis)


def _date(kind, record, code, day):
    return Figure(kind, str(record.id), record.name, code, "day", None, str(day or ""))
