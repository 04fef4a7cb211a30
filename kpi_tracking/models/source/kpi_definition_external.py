from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiDefinition(models.Model):
    """KPIs whose values another addon works out."""

    _inherit = "kpi.definition"

    # Texts, so that the app they belong to can be uninstalled.
    external_source = fields.Char(
        "Provided By",
        help="Technical name of the model that provides the values. Empty: "
        "other systems send them.",
    )
    external_measure = fields.Char(
        "Provided Value", help="Which of the provided values this KPI uses."
    )

    @api.constrains("computation", "external_source", "external_measure")
    def _check_external_source(self):
        for definition in self.filtered("external_source"):
            reason = definition._find_external_misfit()
            if reason:
                raise ValidationError(reason)

    def _find_external_misfit(self):
        """Return why no app can provide values for this KPI; empty where one can."""
        self.ensure_one()
        words = {"kpi": self.name, "model": self.external_source}
        if self.external_source not in self.env:
            return self.env._("%(kpi)s: “%(model)s” is not installed.", **words)
        source = self._get_external_source()
        if source is None:
            return self.env._("%(kpi)s: “%(model)s” does not provide values.", **words)
        if self.external_measure not in source._get_measures():
            return self.env._(
                "%(kpi)s: “%(model)s” does not provide “%(measure)s”. It "
                "provides %(known)s.",
                measure=self.external_measure or "",
                known=", ".join(source._get_measures()),
                **words,
            )
        return ""

    def _get_external_source(self):
        """The model that hands the values over; None where none does."""
        model = self.env.registry.get(self.external_source or "")
        interface = self.env.registry["kpi.external.source"]
        if self.computation != "external" or not model:
            return None
        return self.env[model._name] if issubclass(model, interface) else None

    def _turn_on_external(self):
        """Have the sources of these KPIs prepare what their first values need."""
        for same in self.grouped("external_source").values():
            source = same[0]._get_external_source()
            if source is not None:
                source._turn_on(same)
