from odoo import api, models
from odoo.fields import Domain

MEASURED = {
    "kpi.deal",
    "kpi.deal.property",
    "kpi.deal.stage.event",
    "kpi.deal.stage.interval",
    "kpi.deal.tag",
    "kpi.deal.value.event",
}


class KpiDefinition(models.Model):
    """Deals are business documents, whose models are named like the platform's own."""

    _inherit = "kpi.definition"

    @api.model
    def _is_measurable(self, name):
        return name in MEASURED or super()._is_measurable(name)

    def _tracked_for_all(self, scope_type, company):
        """Of people, those who work on deals: nobody else has any to be ranked by."""
        if scope_type != "user":
            return super()._tracked_for_all(scope_type, company)
        of_deals = self.filtered(lambda kpi: kpi._is_about_deals())
        others = super(KpiDefinition, self - of_deals)
        leading = of_deals.filtered(lambda kpi: "user" in kpi._led_scope_types())
        return others._tracked_for_all(scope_type, company) | leading._tracked_for(
            "user", self._agents_of_deals(company), company.id
        )

    def _is_about_deals(self):
        parts = self.component_ids
        return (
            self.model_name in MEASURED
            or self.explain_model == "kpi.deal.analysis"
            or (bool(parts) and all(part._is_about_deals() for part in parts))
        )

    @api.model
    def _agents_of_deals(self, company):
        """Who has, or had, a deal of ``company``, and who was made an agent there."""
        # Who is an agent is no secret, whoever has their KPIs tracked.
        deals = self.env["kpi.deal"].sudo().with_context(active_test=False)
        busy = deals._search([("company_id", "=", company.id)]).subselect("agent_id")
        agent = self.env.ref("kpi_deal_pipeline.kpi_deal_pipeline_group_agent")
        return self.env["res.users"].search(
            Domain("company_ids", "in", company.id)
            & (Domain("group_ids", "in", agent.id) | Domain("id", "in", busy))
        )
