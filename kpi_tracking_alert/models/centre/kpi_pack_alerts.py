from odoo import api, models
from odoo.exceptions import UserError
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
    _description = "Alert Rules in a KPI Pack"
    _inherit = ["kpi.pack.section"]

    _pack_section = "alerts"
    _pack_model = "kpi.smart.alert"
    _pack_identity = ("name",)
    _pack_left_out = frozenset({"active", "applies_to", "is_personal", "metric"})

    @api.model
    def _further_keys(self):
        return {
            "name": pack.Key("text", required=True),
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
    def _export_entries(self, definitions):
        """Rules all of whose KPIs are in the pack, of the company at work."""
        rules = self.env["kpi.smart.alert"].search(
            self._get_domain(self.env.company)
            & Domain("definition_ids", "in", definitions.ids)
        )
        complete = rules.filtered(lambda rule: rule.definition_ids <= definitions)
        entries = {rule.name: self._entry_of(rule) for rule in complete}
        return [*entries.values()]

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
        codes = sorted(record.definition_ids.mapped("code"))
        levels = [
            {"after_minutes": level.after_minutes, "whom": level.whom}
            for level in record.level_ids.sorted()
            if level.whom in ROLES
        ]
        return {**super()._entry_of(record), "kpis": codes, "levels": levels}

    @api.model
    def _find_record(self, entry, company):
        domain = self._get_domain(company) & Domain("name", "=", entry["name"])
        return self.env["kpi.smart.alert"].search(domain, limit=1)

    @api.model
    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values.update(
                applies_to="definition", company_id=company.id, is_personal=False
            )
        if "kpis" in entry:
            found = self._find_definitions(entry["kpis"], company)
            values["definition_ids"] = [Command.set(found.ids)]
        if "levels" in entry:
            created = [Command.create(level) for level in entry["levels"] or ()]
            values["level_ids"] = [Command.clear(), *created]
        return values

    @api.model
    def _find_definitions(self, codes, company):
        """KPIs with these codes; refuses those that are not here."""
        found = self.env["kpi.definition"].search(
            Domain("code", "in", codes)
            & Domain("company_id", "in", [company.id, False])
        )
        missing = sorted(set(codes) - set(found.mapped("code")))
        if missing:
            raise UserError(
                self.env._("There is no KPI “%s” here.", ", ".join(missing))
            )
        return found


class KpiPack(models.AbstractModel):
    """Rules are a section of packs."""

    _inherit = "kpi.pack"

    @api.model
    def _section_models(self):
        return [*super()._section_models(), "kpi.pack.alerts"]
