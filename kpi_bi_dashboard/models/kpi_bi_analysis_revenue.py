from datetime import timedelta

from odoo import models
from odoo.fields import Date

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.fields import or_none

from ..analytics.data_models.customer_models import kept_and_churned
from ..analytics.data_models.revenue_history import monthly_revenue
from ..analytics.data_models.revenue_movements import find_movements
from ..analytics.data_models.sales_models import stand_at
from ..analytics.pipeline_management import pipeline_analyzer as analyzer
from ..analytics.plain import plain
from ..analytics.revenue_forecasting.revenue_predictor import (
    MIN_ORIGINS,
    RevenuePredictor,
)
from .kpi_bi_analysis_sales import YEAR

MONTHS = 12  # of a forecast
SHOWN_MONTHS = 12  # of the history in its chart
STORED_MONTHS = 24
METRIC = "revenue"
PERCENT = 100


class KpiBiAnalysis(models.AbstractModel):
    """Revenue of the coming months, and how it moved in the last ones.

    The company's Revenue KPI has a forecast already: its page shows that one, live, so
    that it says the same as dashboards. Without such a KPI revenue is that of customer
    purchases.
    """

    _inherit = "kpi.bi.analysis"

    def _analyse_revenue_forecast(self, company):
        purchases = self.env["kpi.bi.result"]._find_latest(company, "purchases")

        def compute():
            sold, last = self._read(company)
            months, revenue = monthly_revenue(sold, last)
            if not len(revenue):
                return {}
            events = self._read_events(company)
            day = self._get_cutoff(company)
            known = stand_at(events, day, company.id)
            found = analyzer.describe_pipeline(known, day, day - YEAR)
            slippage = max(analyzer.usual_slippage(events, day) or 0, 0)
            pipeline = analyzer.expect_by_month(
                known, day + timedelta(days=1), MONTHS, slippage, found.cycle_days
            )
            predictor = RevenuePredictor({"pipeline": pipeline})
            forecast = predictor.predict_revenue(MONTHS, "ensemble", revenue.tolist())
            return {
                "months": months[-STORED_MONTHS:],
                "revenue": revenue[-STORED_MONTHS:],
                "forecast": forecast.as_dict(),
                "slippage": slippage,
            }

        return self._store_sales(
            company, "revenue_forecast", compute, purchases.data_hash
        )

    def _describe_revenue_forecast(self, page, result):
        stored = result._get_figures()
        kpi = self._find_metrics([METRIC]).get(METRIC)
        found = kpi and self._read_kpi_forecast(kpi)
        found = found or (stored and self._read_purchase_forecast(stored))
        if not found:
            return
        expected, history = found["expected"], found["revenue"]
        before = [one for one in history[-MONTHS:] if one is not None]
        is_year = len(expected) == len(before) == MONTHS and sum(before) > 0
        pipeline = dict(
            zip(
                map(str, list_coming(stored["months"])),
                stored["forecast"]["pipeline"],
                strict=True,
            )
            if stored
            else ()
        )
        known = dict(zip(found["months"], history, strict=True))
        last_year = [known.get(Date.subtract(one, years=1)) for one in found["coming"]]
        targets = [found["targets"].get(one) for one in found["coming"]]
        rows = [
            {
                "month": month,
                "name": page.text(month, "month"),
                "value": value,
                "low": low,
                "high": high,
                "target": target,
                "last_year": year_ago,
                "pipeline": pipeline.get(str(month)),
                "text": page.text(value, "money"),
            }
            for month, value, low, high, target, year_ago in zip(
                found["coming"],
                expected,
                found["low"],
                found["high"],
                targets,
                last_year,
                strict=True,
            )
        ]
        values = {
            **found,
            "count": len(expected),
            "sum": sum(expected),
            "change": is_year and sum(expected) / sum(before) - 1,
            "is_closer": (found["skill"] or 0) > 0,
            "closer": abs(found["skill"] or 0),
            "is_short": found["judged"] < MIN_ORIGINS,
            "is_pipeline": any(pipeline.values()),
            "slippage": stored and stored["slippage"],
            "has_targets": any(one is not None for one in targets),
            "has_ranges": any(row["low"] is not None for row in rows),
            "finding": self._get_forecast_title(page, rows),
            "chart": self._draw_forecast(page, found, last_year),
            # for tiles of ranges; a page has the chart
            "ranges": [row for row in rows if row["low"] is not None]
            if page.kind
            else [],
            "rows": rows,
        }
        page.draw("revenue_forecast", values)

    def _read_kpi_forecast(self, kpi):
        """The forecast of a monthly KPI in the company's currency; None without one."""
        if kpi.frequency != "month" or kpi.unit != "currency":
            return None
        # Readers of a KPI see its forecast.
        env = self.sudo().env
        points = env["kpi.predictive.point"].search(
            [("report_id", "=", kpi.id), ("is_latest", "=", True)],
            order="period_start",
            limit=MONTHS,
        )
        points = points.filtered(lambda point: point.value is not False)
        if not points:
            return None
        coming = points.mapped("period_start")
        first = Date.subtract(coming[0], months=STORED_MONTHS)
        (series,) = kpi._series("month", first, coming[-1])
        row = series.row_of[kpi.id]
        starts = [period.start for period in series.periods]
        targets = plain(series.targets.target[row])
        booked = {
            start: value
            for start, value in zip(starts, plain(series.values[row]), strict=True)
            if start < coming[0]
        }
        analytics = env["kpi.predictive.analytics"].search([("kpi_id", "=", kpi.id)])
        total = env["kpi.predictive.total"].search(
            [("report_id", "=", kpi.id), ("grain", "=", "year")], limit=1
        )
        origin = dict(analytics._fields["origin"]._description_selection(self.env))
        confidence, skill = (
            or_none(analytics[name]) for name in ("confidence_score", "skill")
        )
        return {
            "kpi": kpi.definition_id.name,
            "report_id": kpi.id,
            "months": [*booked],
            "revenue": [*booked.values()],
            "targets": dict(zip(starts, targets, strict=True)),
            "coming": coming,
            "expected": points.mapped("value"),
            "low": [or_none(point.low_80) for point in points],
            "high": [or_none(point.high_80) for point in points],
            "total": or_none(total.value) if total else None,
            "total_low": or_none(total.low_80) if total else None,
            "total_high": or_none(total.high_80) if total else None,
            "year": total and total.period_start.year,
            "error": confidence and 1 - confidence / PERCENT,
            "skill": skill and skill / PERCENT,
            "judged": analytics.judged_count,
            "method": origin.get(analytics.origin, ""),
        }

    def _read_purchase_forecast(self, stored):
        """The forecast of customer purchases."""
        forecast = stored["forecast"]
        origins = self.env["kpi.predictive.analytics"]._fields["origin"]
        accuracy = forecast["accuracy"][0]
        judged = MIN_ORIGINS if accuracy is not None else 0
        return {
            "kpi": "",
            "report_id": None,
            "months": [Date.to_date(f"{one}-01") for one in stored["months"]],
            "revenue": stored["revenue"],
            "targets": {},
            "coming": list_coming(stored["months"]),
            **{name: forecast[name] for name in ("expected", "low", "high", "skill")},
            "total": None,
            "error": accuracy and 1 - accuracy,
            "judged": judged,
            "method": dict(origins._description_selection(self.env)).get(
                forecast["method"], ""
            ),
        }

    def _analyse_movements(self, company):
        """Revenue movements of the last months; net and gross retention of the year."""

        def compute():
            purchases, day = self._read(company)
            found = find_movements(purchases, day)
            _churn, net, gross = kept_and_churned(purchases, day)
            return {
                **vars(found),
                "is_shown": found.has_repeat_business,
                "net": net,
                "gross": gross,
            }

        return self._store_result(company, "movements", compute)

    def _describe_movements(self, page, result):
        figures = result._get_figures()
        months = figures["months"]
        if not months or figures["repeated"] is None:
            return
        if not figures["is_shown"]:
            page.draw("movements", {"few": figures["repeated"]})
            return
        labels = page.words("movements")["names"]
        amounts, customers = figures["amounts"], figures["customers"]
        counted = self.env._("1 customer"), self.env._("%s customers")
        steps = [
            {
                "label": label,
                "size": amounts[name][-1],
                "note": say_count(customers[name][-1], *counted),
            }
            for name, label in labels.items()
            if customers[name][-1]
        ]
        last = Date.to_date(f"{months[-1]}-01")
        ends = [
            {"label": page.text(day, "month"), "note": "", "size": figures[name][-1]}
            for day, name in (
                (Date.subtract(last, months=1), "before"),
                (last, "after"),
            )
        ]
        rows = [
            {"month": month, "before": before, "after": after}
            | {name: amounts[name][at] for name in labels}
            for at, (month, before, after) in enumerate(
                zip(months, figures["before"], figures["after"], strict=True)
            )
        ]
        chart = {
            "unit": page.unit,
            "categories": [page.text(month, "month") for month in months],
            "starts": [f"{month}-01" for month in months],
            "is_running": False,
            "series": [
                {"name": label, "report_id": None, "values": amounts[name]}
                for name, label in labels.items()
            ],
        }
        title = self.env._("Revenue movements by month")
        values = {
            **figures,
            "is_known": True,
            "has_retention": figures["net"] is not None,
            "steps": [ends[0], *steps, ends[1]],
            "month": page.text(last, "long_month"),
            "chart": {"kind": "stacked", "title": title, "chart": chart},
            "labels": labels,
            "rows": rows[::-1],
        }
        page.draw("movements", values)

    def _get_forecast_title(self, page, rows):
        """What the chart of a forecast shows, in one sentence."""
        judged = [row for row in rows if row["target"] is not None]
        weakest = min(rows, key=lambda row: row["value"])
        is_flat = all(row["value"] == weakest["value"] for row in rows)
        names = {"month": weakest["name"], "total": len(judged)}
        if not judged:
            if is_flat:
                return self.env._("Revenue by month")
            return self.env._("%s is the weakest month", weakest["name"])
        names["count"] = sum(row["value"] >= row["target"] for row in judged)
        if is_flat:
            return self.env._(
                "On target in %(count)s of the next %(total)s months", **names
            )
        return self.env._(
            "On target in %(count)s of the next %(total)s months; %(month)s is the "
            "weakest",
            **names,
        )

    def _draw_forecast(self, page, found, last_year):
        """History and forecast as the chart of a tile; last year as a separate line in
        the coming months."""
        months, revenue = (
            found[name][-SHOWN_MONTHS:] for name in ("months", "revenue")
        )
        coming = found["coming"]
        along = [*months, *coming]
        series = [
            {
                "name": self.env._("Forecast"),
                "report_id": found["report_id"],
                "values": revenue,
                "targets": [found["targets"].get(one) for one in along],
                "expected": {
                    "values": [None, *found["expected"]],
                    "lows": [None, *found["low"]],
                    "highs": [None, *found["high"]],
                },
            }
        ]
        if any(one is not None for one in last_year):
            nothing = [None] * (len(coming) + 1)
            series.append(
                {
                    "name": self.env._("Last year"),
                    "part": None,  # gray
                    "report_id": None,
                    "values": [None] * len(months),
                    "expected": {
                        "values": [None, *last_year],
                        "lows": nothing,
                        "highs": nothing,
                    },
                }
            )
        chart = {
            "unit": page.unit,
            "categories": [page.text(one, "month") for one in months],
            "starts": list(map(str, months)),
            "is_running": False,
            "series": series,
            "coming": {
                "categories": [page.text(one, "month") for one in coming],
                "starts": list(map(str, coming)),
            },
        }
        has_scenarios = None not in (*found["low"], *found["high"])
        title = self.env._("Revenue and forecast")
        tile = {"kind": "line", "title": title, "chart": chart}
        return {**tile, "has_scenarios": has_scenarios}


def list_coming(months):
    """First days of the months of a forecast."""
    last = Date.to_date(f"{months[-1]}-01")
    return [Date.add(last, months=1 + at) for at in range(MONTHS)]
