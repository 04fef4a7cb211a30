from odoo import api, models

from odoo.addons.kpi_base.fields import or_none

HIDDEN = (
    "roi_metrics",
    "confirmed_commission_amount",
    "disputed_commission_amount",
    "snapshot_context",
)
SHOWN = (
    "as_of_date",
    "is_final",
    "known_at",
    "deals_open",
    "deals_closed_won",
    "gross_pipeline_value",
    "weighted_pipeline_value",
)


class KpiAgentPerformance(models.Model):
    """Performance as programs read it."""

    _inherit = "kpi.agent.performance"

    @api.model
    def _latest_for_programs(self, agent_id, company_id, days):
        """Values of the latest row that the user may see; None where there is none.

        :param agent_id: default: the user
        :param company_id: default: the user's company
        :param days: first and last day of a period, or None
        """
        domain = [
            ("agent_id", "=", agent_id or self.env.uid),
            ("company_id", "=", company_id or self.env.company.id),
        ]
        if days:
            domain += [("as_of_date", ">=", days[0]), ("as_of_date", "<=", days[1])]
        row = self.search(domain, order="as_of_date desc", limit=1)
        return row._values_for_programs() if row else None

    def _values_for_programs(self):
        # Who sees the row may see whose it is.
        names = self.sudo()
        values = {name: self[name] for name in SHOWN}
        for name in ("avg_cycle_days", "conversion_rate"):
            values[name] = or_none(self[name])
        for name in HIDDEN:
            is_seen = self._has_field_access(self._fields[name], "read")
            values[name] = self[name] if is_seen else None
        return {
            **values,
            "id": self.id,
            "agent_id": self.agent_id.id,
            "agent": {"id": self.agent_id.id, "name": names.agent_id.display_name},
            "company": {"id": self.company_id.id, "name": names.company_id.name},
            "currency": names.currency_id.name,
            "created_at": self.create_date,
            "updated_at": self.write_date,
        }


class KpiPerformanceBenchmark(models.Model):
    """Benchmarks as programs read and send them."""

    _name = "kpi.performance.benchmark"
    _inherit = ["kpi.performance.benchmark", "kpi.dated.mixin"]

    @api.model
    def _ingest_by_program(self, given):
        """Run ``_ingest`` on rows with numbers as texts and companies by id."""
        rows = []
        for row in given["rows"]:
            number = row["value_numeric"]
            rows.append(
                {
                    **row,
                    "value_numeric": None if number is None else float(number),
                    "company_id": row["company_id"] or self.env.company.id,
                }
            )
        return self._ingest(rows, given["all_or_nothing"])
