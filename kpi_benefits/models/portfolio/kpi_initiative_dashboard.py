from odoo import api, fields, models

from odoo.addons.kpi_base.rights import remember_rights


class KpiInitiative(models.Model):
    """One initiative as a dashboard: its benefits over time, gates and costs."""

    _inherit = "kpi.initiative"

    @api.readonly
    def get_dashboard(self):
        """What the dashboard of this initiative shows, as far as the user sees it.

        :return: dict of figures, ``months``, ``costs``, ``gates`` and ``benefits``
        """
        self.ensure_one()
        self.check_access("read")
        with remember_rights(self.env):
            benefits = self.env["kpi.benefit.realization"].search(
                [("initiative_id", "=", self.id)]
            )
            months = self._list_dashboard_months(benefits)
            _planned, realized_to_date = benefits.period_ids._add_up_to_date()
            return {
                "id": self.id,
                "name": self.display_name,
                "status": self.status,
                "status_name": _get_label(self, "status"),
                "currency_id": self.currency_id.id,
                "this_month": fields.Date.to_string(self._get_this_month()),
                **self._add_up_months(months, realized_to_date),
                "months": months,
                "forecast": self._prepare_forecast(),
                **self._prepare_costs(),
                "gates": [gate._prepare_dashboard() for gate in self.gate_ids],
                "benefits": [one._prepare_dashboard() for one in benefits],
            }

    @api.model
    def _get_this_month(self):
        return self.env["kpi.benefit.portfolio"]._get_month()

    def _list_dashboard_months(self, benefits):
        """Months in order; realised is None where nobody has said yet."""
        rows = self.env["kpi.benefit.period"]._read_group(
            [("benefit_id", "in", benefits.ids)],
            ["period_start:month"],
            ["planned:sum", "realized:sum", "realized:array_agg"],
            order="period_start:month",
        )
        return [
            {
                "start": fields.Date.to_string(month),
                "planned": planned,
                "realized": realized
                if any(amount is not None for amount in amounts)
                else None,
            }
            for month, planned, realized, amounts in rows
        ]

    @api.model
    def _add_up_months(self, months, realized_to_date):
        return self.env["kpi.benefit.portfolio"]._add_up(months, realized_to_date)

    def _prepare_forecast(self):
        """What will probably have come in the end; None where nobody can say."""
        found = self._forecast()
        names = ("value", "low", "high", "chance")
        return (
            {name: found[name] for name in names}
            if found["value"] is not None
            else None
        )

    def _prepare_costs(self):
        """Costs in all, and by period; None where nobody entered any."""
        names = ("planned", "forecast", "actual")
        return {
            **{f"{name}_cost": _or_none(self[f"{name}_cost"]) for name in names},
            "costs": [
                {
                    "start": fields.Date.to_string(cost.period_start) or None,
                    **{name: _or_none(cost[name]) for name in names},
                }
                for cost in self.cost_ids
            ],
        }


def _or_none(value):
    """An amount or a text that may be missing, which Odoo says as False."""
    return None if value is False else value


def _get_label(record, name):
    """The word of a selection."""
    return dict(record._fields[name]._description_selection(record.env))[record[name]]
