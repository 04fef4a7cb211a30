from odoo import api, models
from odoo.fields import Command, Domain

from odoo.addons.kpi_tracking.engine import pack

# Levels of an escalation that every company knows.
ROLES = ("owner", "manager", "manager_2", "department_head")


class KpiPackAlerts(models.AbstractModel):
    """Rules in packs, matched by name: those that watch KPIs wherever they are tracked.

    KPIs go by their codes. People, groups and channels are left out: whoever imports a
    rule is responsible for it, and turns it on.
    """

    _name = "kpi.pack.alerts"
    _description = "KPI Pack Alert Rules"
    _inherit = ["kpi.pack.named.section"]

    _pack_section = "alerts"
    _pack_model = "kpi.smart.alert"
    _pack_left_out = frozenset({"active", "applies_to", "is_personal", "metric"})

    @api.model
    def _further_keys(self):
        return {
            **super()._further_keys(),
            "kpis": pack.Key("texts", required=True),
            "levels": pack.Key(
                "entries",
                keys={
                    "after_minutes": pack.Key("integer", required=True),
                    "whom": pack.Key("text", required=True, choices=ROLES),
                },
            ),
        }

    @api.model
    def _get_domain(self, company):
        """Rules that a pack can hold."""
        return (
            Domain("applies_to", "=", "definition")
            & Domain("is_personal", "=", False)
            & Domain("company_id", "in", [company.id, False])
        )

    @api.model
    def _entry_of(self, record):
        levels = [
            {"after_minutes": level.after_minutes, "whom": level.whom}
            for level in record.level_ids.sorted()
            if level.whom in ROLES
        ]
        return {**super()._entry_of(record), "levels": levels}

    @api.model
    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values.update(applies_to="definition", is_personal=False)
        if "levels" in entry:
            created = [Command.create(level) for level in entry["levels"] or ()]
            values["level_ids"] = [Command.clear(), *created]
        return values


class KpiPack(models.AbstractModel):
    """Rules are a section of packs."""

    _inherit = "kpi.pack"

    @api.model
    def _section_models(self):
        return [*super()._section_models(), "kpi.pack.alerts"]


class KpiGalleryKpi(models.Model):
    """Ready KPIs bring their rules, which notify those responsible in Odoo only."""

    _inherit = "kpi.gallery.kpi"

    @api.model
    def _get_rule_files(self):
        """Packs of the rules that come with ready KPIs; an addon adds its own."""
        return []

    def _turn_on(self, scope_types=()):
        """Turn on the rules, too, all of whose KPIs are: those that are new."""
        action = super()._turn_on(scope_types)
        codes = {*self._with_parts().definition_id.mapped("code")}
        for path in self._get_rule_files():
            imported = self.env["kpi.pack"]._import_ready(
                path,
                self.env.company,
                lambda entry: codes.issuperset(entry["kpis"]),
            )
            imported["alerts"].action_turn_on()
        return action
