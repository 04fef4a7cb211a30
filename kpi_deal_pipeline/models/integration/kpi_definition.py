from odoo import api, models
from odoo.fields import Domain

from ... import roles


class KpiDefinition(models.Model):
    """People whom KPIs on deals are about."""

    _inherit = "kpi.definition"

    def _track_for_all(self, scope_type, company):
        """Track people only who work on deals: nobody else can be ranked by them."""
        if scope_type != "user":
            return super()._track_for_all(scope_type, company)
        of_deals = self.filtered(lambda kpi: kpi._is_about_deals())
        others = super(KpiDefinition, self - of_deals)
        leading = of_deals.filtered(
            lambda kpi: "user" in kpi._get_reachable_scope_types()
        )
        # Who is an agent is no secret, whoever has their KPIs tracked.
        deals = self.env["kpi.deal"].sudo().with_context(active_test=False)
        busy = deals._search([("company_id", "=", company.id)]).subselect("agent_id")
        agent = self.env.ref(roles.AGENT)
        return others._track_for_all(scope_type, company) | leading._track_for(
            "user",
            self.env["res.users"].search(
                Domain("company_ids", "in", company.id)
                & (Domain("group_ids", "in", agent.id) | Domain("id", "in", busy))
            ),
            company.id,
        )

    def _is_about_deals(self):
        parts = self.component_ids
        return (
            self._is_ours(self.model_name)
            or self._is_ours(self.external_source)
            or (bool(parts) and all(part._is_about_deals() for part in parts))
        )

    @api.model
    def _is_ours(self, name):
        model = name and self.env.registry.get(name)
        return bool(model) and model._original_module == "kpi_deal_pipeline"


class KpiGalleryKpi(models.Model):
    """KPIs of this addon count deals."""

    _inherit = "kpi.gallery.kpi"

    @api.model
    def _get_record_words(self):
        deals = self.env._("deal"), self.env._("deals")
        return {
            **super()._get_record_words(),
            "kpi.deal": deals,
            "kpi.deal.stage.interval": (*deals, "kpi.deal"),
        }
