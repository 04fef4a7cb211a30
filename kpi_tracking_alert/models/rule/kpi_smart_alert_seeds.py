from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiSmartAlert(models.Model):
    """Rules by the code of a KPI, as configurations from outside say them::

    {"name": "Revenue Below Target", "metric": "revenue", "condition": "below",
     "threshold": 0.9, "severity": "critical"}
    """

    _inherit = "kpi.smart.alert"

    metric = fields.Char(
        compute="_compute_metric",
        inverse="_inverse_metric",
        help="Code of the one KPI that the rule watches wherever it is tracked.",
    )

    @api.depends("applies_to", "definition_ids.code")
    def _compute_metric(self):
        for rule in self:
            watched = rule.definition_ids if rule.applies_to == "definition" else None
            rule.metric = watched.code if watched and len(watched) == 1 else False

    def _inverse_metric(self):
        for rule in self:
            if rule.metric:
                rule.write(rule._find_metric(rule.metric, rule.company_id))

    @api.model
    def _with_metric(self, vals):
        if not vals.get("metric"):
            return vals
        given = vals.get("company_id", self.env.company.id)
        company = self.env["res.company"].browse(given)
        others = {name: value for name, value in vals.items() if name != "metric"}
        return {**others, **self._find_metric(vals["metric"], company)}

    @api.model
    def _find_metric(self, code, company):
        """Values that watch the KPI with this code.

        :raises ValidationError: no KPI has it, or several
        """
        domain = [("code", "=", code), ("company_id", "in", [False, *company.ids])]
        found = self.env["kpi.definition"].search(domain, limit=2)
        if len(found) != 1:
            known = self.env._("There is no KPI with the code “%s”.", code)
            if found:
                known = self.env._("Several KPIs have the code “%s”.", code)
            raise ValidationError(known)
        return {"applies_to": "definition", "definition_ids": [(6, 0, found.ids)]}
