from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

RELATED = {
    "agent_id": "res.users",
    "company_id": "res.company",
    "lost_reason_id": "crm.lost.reason",
    "partner_id": "res.partner",
    "project_id": "project.project",
    "property_id": "kpi.deal.property",
    "team_id": "crm.team",
}


class KpiDeal(models.Model):
    """Deals as programs make and change them."""

    _name = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.dated.mixin"]

    @api.model
    def _create_by_program(self, given):
        """A deal of ``given``: fields by name, amounts and currencies as texts."""
        return self.create(self._program_values(given))

    def _change_by_program(self, given):
        """Change the deal to ``given``, as above; None empties a field."""
        required = [
            name
            for name, value in given.items()
            if value is None and name in self._fields and self._fields[name].required
        ]
        if required:
            raise UserError(
                self.env._("%s: this value is required.", ", ".join(required))
            )
        self.write(self._program_values(given))

    def _move_by_program(self, to_stage, note, effective_at, lost_reason_id):
        """Move the deal, as the dialog does."""
        values = {"pipeline_stage": to_stage}
        if lost_reason_id:
            values |= self._program_values({"lost_reason_id": lost_reason_id})
        moved_at = effective_at and _naive(effective_at)
        told = {"move_note": note, "moved_at": moved_at}
        self.with_context(**told).write(values)

    @api.model
    def _program_values(self, given):
        """Values to write of what a program sends.

        :raises UserError: names what does not exist
        """
        values = dict(given)
        for name, model in RELATED.items():
            if given.get(name):
                self._check_seen(name, model, given[name])
        if given.get("opened_at"):
            values["opened_at"] = _naive(given["opened_at"])
        if given.get("estimated_value_amount"):
            values["estimated_value_amount"] = float(given["estimated_value_amount"])
        code = values.pop("estimated_value_currency", None)
        if code:
            currency = self._currency_of("estimated_value_currency", code)
            values["currency_id"] = currency.id
        return values

    @api.model
    def _currency_of(self, name, code):
        """The currency of this code, which a program sends as ``name``."""
        currency = self.env["res.currency"].search([("name", "=", code)])
        if not currency:
            shown = {"name": name, "code": code}
            raise UserError(
                self.env._("%(name)s: the currency “%(code)s” is not active.", **shown)
            )
        return currency

    @api.model
    def _check_seen(self, name, model, record_id):
        """Refuse records that the user does not see, as if there were none."""
        if not self.env[model].search([("id", "=", record_id)]):
            shown = {"name": name, "id": record_id}
            raise UserError(self.env._("%(name)s: there is no %(id)s.", **shown))

    def _timeline_for_programs(self):
        entries = self.get_timeline()
        for entry in entries:
            entry["duration_seconds"] = entry.pop("seconds")
            for name in ("effective_at", "recorded_at"):
                entry[name] = fields.Datetime.to_datetime(entry[name])
        return entries


def _naive(moment):
    """A moment of a program, in UTC, as Odoo stores it."""
    return fields.Datetime.to_string(
        moment.astimezone(timezone.utc).replace(tzinfo=None)
    )
