import numpy as np

from odoo import api, fields, models

from odoo.addons.kpi_base.percent import format_percent

ANALYSES = {"triangle": "cohorts", "segment_map": "customers"}
FILLED = {"triangle": "months", "segment_map": "segments"}
GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group_user"
SHOWN_COHORTS = 24


class KpiDashboardTile(models.Model):
    """Tiles of what the analyses of a company came to."""

    _inherit = "kpi.dashboard.tile"

    kind = fields.Selection(
        selection_add=[
            ("triangle", "Cohorts of Customers"),
            ("segment_map", "Segments of Customers"),
        ],
        ondelete={"triangle": "cascade", "segment_map": "cascade"},
    )

    @api.model
    def _body_triangle(self, tile, reading):
        """Share of the customers of each month that bought again, month by month."""
        result = self._find_result("triangle", reading)
        if isinstance(result, dict):
            return result
        figures = result.figures
        first = max(len(figures["months"]) - SHOWN_COHORTS, 0)
        sizes = np.array(figures["sizes"], float)[first:, None]
        counts = np.array(figures["customers"], float)[first:, : SHOWN_COHORTS + 1]
        names = figures["months"][first:]
        shares = [[_or_none(one) for one in row] for row in counts / sizes]
        means = figures["mean_retention"][: SHOWN_COHORTS + 1]
        heads = [self.env._("First Purchase"), self.env._("Customers")]
        heads += [str(number) for number in range(counts.shape[1])]
        rows = [
            [name, _cell(str(int(size)), size), *map(self._share_cell, row)]
            for name, size, row in zip(names, sizes[:, 0], shares, strict=True)
        ]
        mean = [self.env._("All"), "", *map(self._share_cell, means)]
        return {
            "cohorts": {
                "months": names,
                "sizes": sizes[:, 0].tolist(),
                "shares": shares,
                "means": means,
                "company_id": result.company_id.id,
                "cutoff": str(result.cutoff_date),
                "can_open": self.env["kpi.bi.customer"].has_access("read"),
            },
            "table": {"heads": heads, "rows": [*rows, mean]},
        }

    @api.model
    def _body_segment_map(self, tile, reading):
        """Customers by how recently and how often they bought; size is revenue."""
        result = self._find_result("segment_map", reading)
        if isinstance(result, dict):
            return result
        segments = dict(self.env["kpi.bi.customer"]._fields["segment"].selection)
        currency = result.company_id.currency_id
        rows = sorted(
            result.figures["segments"].items(), key=lambda one: -one[1]["revenue"]
        )
        return {
            "segments": {
                "company_id": result.company_id.id,
                "can_open": self.env["kpi.bi.customer"].has_access("read"),
                "rows": [
                    {
                        "key": key,
                        "name": segments[key],
                        "amount": currency.format(each["revenue"]),
                        **each,
                    }
                    for key, each in rows
                ],
            },
            "table": {
                "heads": [
                    self.env._("Segment"),
                    self.env._("Customers"),
                    self.env._("Revenue"),
                ],
                "rows": [
                    [
                        segments[key],
                        _cell(str(each["customers"]), each["customers"]),
                        _cell(currency.format(each["revenue"]), each["revenue"]),
                    ]
                    for key, each in rows
                ],
            },
        }

    @api.model
    def _find_result(self, kind, reading):
        """The newest result of the company, or what a tile says instead."""
        if not self.env.user.has_group(GROUP):
            message = self.env._("You need access to the executive dashboard.")
            return {"state": "no_data", "message": message}
        results = reading.read_once(_read_results)
        result = results.get(ANALYSES[kind])
        if not result or not result.figures[FILLED[kind]]:
            message = self.env._(
                "No purchases yet: they come from posted invoices, confirmed orders or"
                " imported files, each night."
            )
            return {"state": "no_data", "message": message}
        return result

    @api.model
    def _share_cell(self, share):
        if share is None:
            return ""
        return _cell(format_percent(self.env, share), share, 3)


def _read_results(reading):
    """The newest result of each analysis of the current company, by its name."""
    results = reading.env["kpi.bi.result"]
    company = reading.env.company
    found = results.search_fetch(
        [("company_id", "=", company.id), ("analysis", "in", [*ANALYSES.values()])],
        ["company_id", "analysis", "cutoff_date", "figures"],
        order="id",
    )
    return {result.analysis: result for result in found}


def _cell(text, number, decimals=0):
    return {"text": text, "number": float(number), "decimals": decimals}


def _or_none(number):
    return None if np.isnan(number) else float(number)
