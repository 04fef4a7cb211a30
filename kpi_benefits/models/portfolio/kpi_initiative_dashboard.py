from odoo import api, fields, models

from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_base.rights import remember_rights

from ...engine.portfolio import Standing
from ..initiative.kpi_initiative import add_known

FORECAST = ("value", "low", "high", "chance")


class KpiInitiative(models.Model):
    """One initiative as a dashboard: its benefits over time, gates, costs, leakages."""

    _inherit = "kpi.initiative"

    @api.readonly
    def get_dashboard(self):
        """What the dashboard of this initiative shows, as far as the user sees it.

        Of a programme, what is below it counts as well.
        :return: dict of figures, ``months``, ``reasons`` why it is at risk, ``costs``,
            ``gates``, ``benefits``, ``leakages`` and ``initiatives`` right below it
        """
        self.ensure_one()
        self.check_access("read")
        statuses = dict(self._fields["status"]._description_selection(self.env))
        with remember_rights(self.env):
            benefits, forecast = self._group_benefits()[self], self._forecast()
            months = benefits._list_profile(forecast["coming"])
            totals = benefits._measure_totals(months)
            leakages = self._group_leakages()[self].filtered("is_open")
            return {
                "id": self.id,
                "name": self.display_name,
                "status": self.status,
                "status_name": statuses[self.status],
                "currency_id": self.currency_id.id,
                "this_month": fields.Date.to_string(benefits._get_this_month()),
                "is_partial": self.is_benefit_partial or self.is_program_cost_partial,
                **totals,
                "reasons": self._list_risks(totals, benefits, leakages),
                "months": months,
                # None where nobody can say what will have come in the end.
                "forecast": None
                if forecast["value"] is None
                else {name: forecast[name] for name in FORECAST},
                **self._prepare_costs(),
                "gates": self._list_gates(),
                "benefits": self._list_dashboard_benefits(benefits),
                "leakages": self.env["kpi.benefit.portfolio"]._name_severities(
                    (None, severity, len(same), sum(same.mapped("lost_value")))
                    for severity, same in leakages.grouped("severity").items()
                ),
                "initiatives": self._list_below(),
            }

    def _list_risks(self, totals, benefits, leakages):
        """Sentences that say why it is at risk, as the Benefits Dashboard does."""
        standing = Standing(
            self.id,
            totals["planned"],
            totals["realized"],
            totals["planned_to_date"],
            totals["realized_to_date"],
            silent=benefits.period_ids._count_silent(),
            at_risk=sum(one.status == "at_risk" for one in benefits),
            critical=sum(one.severity == "critical" for one in leakages),
            # What nobody approved is no plan yet.
            is_open=bool(self.approved_on) and self.status != "closed",
        )
        return self.env["kpi.benefit.portfolio"]._describe_risks(standing)

    def _list_dashboard_benefits(self, benefits):
        """Dicts of the benefits; those of initiatives below it name these."""
        below = self._group_tree()[self] - self
        # Owners of benefits need not see the initiative: its name stays unknown.
        names = {one.id: one.display_name for one in below}
        return [
            {
                **one._describe_row(one),
                "reason": one.suggestion_reason,
                "confidence": or_none(one.confidence),
                "initiative_name": names.get(one.initiative_id.id, ""),
            }
            for one in benefits
        ]

    def _list_below(self):
        """Dicts of the initiatives right below it, with what each brings."""
        # Also where archived ones are looked at: what is archived does not count.
        below = self.with_context(active_test=True).search(
            [("parent_id", "=", self.id)]
        )
        benefits = below._group_benefits()
        return [one._describe_row(benefits[one]) for one in below]

    def _list_gates(self):
        days = ("planned_date", "due_date", "actual_date")
        return [
            {
                "id": gate.id,
                "name": gate.name,
                "approving_body": gate.approving_body or "",
                "is_late": gate.is_late,
                **{name: fields.Date.to_string(gate[name]) or None for name in days},
            }
            for gate in self.gate_ids
        ]

    def _prepare_costs(self):
        """Costs in all, and by period; None where nobody entered any."""
        names = ("planned", "forecast", "actual")
        rows = self._group_tree()[self].cost_ids.grouped("period_start")
        return {
            **{f"{name}_cost": or_none(self[f"program_{name}_cost"]) for name in names},
            "costs": [
                {
                    "start": fields.Date.to_string(day) or None,
                    **{name: or_none(add_known(rows[day], name)) for name in names},
                }
                for day in sorted(rows, key=lambda day: (not day, day))
            ],
        }
