from dataclasses import replace

import numpy as np

from odoo import api, models
from odoo.tools.misc import format_date

from ...engine.gauge.zones import Aim
from ...engine.series import as_json_numbers, make_series
from ...engine.targets import Targets
from ...engine.zones import THRESHOLD_FIELDS
from ..report.kpi_report_status import SPARKLINE_PERIODS

DUE = ("target", "baseline", "low", "high")
ZONES = {None: None, 0.0: "rag", 1.0: "five"}


class KpiHome(models.AbstractModel):
    """KPIs of the overview as cards and rows: numbers; screens format them."""

    _inherit = "kpi.home"

    @api.model
    def _build_cards(self, groups, ids, place):
        """Cards of some KPIs, by a statement for what they are judged by.

        :param groups: all ``HomeGroup``
        :param ids: of the KPIs that are shown
        :param place: of the period shown, from the end
        :return: dict KPI id → dict, JSON
        """
        shown = [group for each in groups if (group := each.only(set(ids)))]
        stored = (
            self.env["kpi.report"]._fetch_stored_targets(
                [g.query for g in shown], False
            )
            if shown
            else []
        )
        # How a KPI is drawn is no secret to those who see it.
        widgets = self.env["kpi.gauge.widget"].sudo()
        widgets = widgets.browse(
            {kpi.gauge_widget_id for each in shown for kpi in each.kpis} - {None}
        )
        cards = {}
        for group in shown:
            rows = replace(
                group.rows, stored=[r for r in stored if r[0] in group.row_of]
            )
            nothing = Targets.empty(*group.values.shape)
            series = make_series(group.query, rows, nothing)
            labels = group.calendar._period_labels(group.periods)
            for row, kpi in enumerate(group.kpis):
                card = self._build_card(kpi, series, row, place, labels)
                widget = widgets.browse(kpi.gauge_widget_id or ())
                widget = widget.with_prefetch(widgets.ids)
                cards[kpi.id] = {
                    **card,
                    "gauge": self._draw_gauge(kpi, widget, series, row, place),
                }
        return cards

    @api.model
    def _build_card(self, kpi, series, row, place, labels):
        at = len(series.periods) + place
        values = as_json_numbers(series.values[row])
        first = max(at + 1 - SPARKLINE_PERIODS, 0)
        criteria = self._prepare_criteria(series, row, at)
        return {
            "report_id": kpi.id,
            "name": kpi.name,
            "kpi": kpi.kpi_name,
            "scope": self._name_scope(kpi),
            "unit": kpi.unit_description(),
            "direction": kpi.direction,
            "is_additive": kpi.is_additive,
            "definition_id": kpi.definition_id,
            "certification": kpi.certification,
            "is_starred": kpi.is_starred,
            "measured_at": kpi.last_measured_at
            and kpi.last_measured_at.isoformat(" ", "seconds"),
            "reason": "" if values[at] is not None else self._explain_missing(kpi),
            "period": {
                "label": labels[at],
                "start": series.periods[at].start.isoformat(),
                "is_running": place == -1,
            },
            "value": values[at],
            "previous": values[at - 1],
            "previous_label": labels[at - 1],
            "target": criteria["due_target"],
            **self._prepare_status(series, row, at),
            "trend": self._list_points(kpi, series, row, slice(first, at + 1), labels),
            "now": self._prepare_now(series, row, labels) if place != -1 else None,
        }

    @api.model
    def _list_points(self, kpi, series, row, shown, labels):
        """Values of a KPI and what they are judged by, in the periods of a slice."""
        targets = series.targets
        columns = {"value": series.values, "target": targets.target}
        if kpi.direction == "range":
            columns |= {"low": targets.low, "high": targets.high}
        lists = [as_json_numbers(column[row, shown]) for column in columns.values()]
        return [
            dict(zip(("label", *columns), point, strict=True))
            for point in zip(labels[shown], *lists, strict=True)
        ]

    @api.model
    def _name_scope(self, kpi):
        """Name whose KPI it is; empty where all would say the same."""
        is_only = kpi.scope_type == "company" and len(self.env.companies) == 1
        return "" if is_only else kpi.scope_name

    @api.model
    def _explain_missing(self, kpi):
        """Say why a period has no value, and what to do about it."""
        if kpi.computation_error:
            return kpi.computation_error
        if kpi.computation == "manual":
            return self.env._("Nobody has entered a value yet.")
        if not kpi.starts:
            return self.env._("There are no records to count yet.")
        return self.env._("There is nothing to count in this period.")

    @api.model
    def _prepare_status(self, series, row, at):
        (achieved,) = as_json_numbers(series.achievements[row, at : at + 1])
        return {
            "achievement": achieved,
            "status": str(series.statuses[row, at]),
            "band": str(series.bands[row, at]),
        }

    @api.model
    def _prepare_now(self, series, row, labels):
        """The running period beside the closed one; None without a value."""
        (value,) = as_json_numbers(series.values[row, -1:])
        if value is None:
            return None
        return {
            "value": value,
            "label": labels[-1],
            **self._prepare_status(series, row, len(labels) - 1),
        }

    @api.model
    def _prepare_criteria(self, series, row, at):
        """What a value is judged by, as ``kpi.report._zones_of_status`` takes it."""
        targets, due = series.targets, float(series.due[row, at])
        cells = {
            name: getattr(targets, name)[row, at] for name in (*DUE, *THRESHOLD_FIELDS)
        }
        numbers = {
            name: None if np.isnan(number) else float(number)
            for name, number in cells.items()
        }
        (is_five,) = as_json_numbers(targets.is_five[row, at : at + 1])
        return {
            **numbers,
            **{f"due_{n}": numbers[n] and numbers[n] * due for n in DUE},
            "zones": ZONES[is_five],
        }

    @api.model
    def _draw_gauge(self, kpi, widget, series, row, place):
        """The gauge of a value; False where it says no more than the number.

        :param widget: how it is drawn; empty = as usual
        """
        at = len(series.periods) + place
        values = as_json_numbers(series.values[row, : at + 1])
        if values[-1] is None:
            return False
        criteria = self._prepare_criteria(series, row, at)
        drawn = widget._drawing(
            Aim(kpi.direction, *(criteria[f"due_{name}"] for name in DUE)),
            self.env["kpi.report"]._zones_of_status(criteria),
            value=values[-1],
            whole=criteria["target"],
            previous=values[-2],
            earlier=[value for value in values[:-1] if value is not None],
        )
        return drawn and {**drawn, "who": ""}

    @api.model
    def _name_period(self, group, place):
        """Period in the title: “October 2026”; shorter where that would not be true."""
        calendar, period = group.calendar, group.periods[place]
        if calendar._label_pattern(period) == "MMM y":
            return format_date(self.env, period.start, date_format="LLLL y")
        return calendar._period_label(period)
