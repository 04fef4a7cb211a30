import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..initiative.kpi_amount_mixin import LARGEST
from .kpi_import_initiative import GATES

PLAIN = ("name", "gate_class")
DATES = ("planned_go_live_date", "go_live_date")
COSTS = {
    "planned_cost": "planned",
    "forecast_cost": "forecast",
    "actual_cost": "actual",
}
NAMES_OF = {
    "owner": ("res.users", ("login", "email", "name")),
    "sponsor": ("res.users", ("login", "email", "name")),
    "department": ("hr.department", ("name", "complete_name")),
}


class KpiImportInitiative(models.AbstractModel):
    """What rows say of initiatives."""

    _inherit = "kpi.import.initiative"

    @api.model
    def _build_staging_rows(self, run, entries):
        self.env["kpi.initiative"].check_access("create")
        found = {kind: self._find_by_name(run, entries, kind) for kind in NAMES_OF}
        found["programme"] = self._find_programmes(run.job, entries)
        rows = []
        for entry in entries:
            try:
                values = self._prepare_row_values(run, entry.values, found)
            except UserError as error:
                run.refuse(entry.number, str(error))
                continue
            reference = entry.values["reference"]
            rows.append((entry.number, reference, json.dumps(values)))
        return rows

    @api.model
    def _find_by_name(self, run, entries, kind):
        """Text of the file → ids of the records of that name, in one query."""
        texts = {entry.values.get(kind) for entry in entries} - {None}
        model, names = NAMES_OF[kind]
        company = run.job.company_id
        own = Domain("company_id", "in", [*company.ids, False])
        if model == "res.users":  # customers with a login own nothing here
            own = Domain("company_ids", "in", company.ids) & Domain("share", "=", False)
        records = self.env[model].search(
            Domain.OR([Domain(name, "in", list(texts)) for name in names]) & own
        )
        found = {}
        for record in records:
            for text in {record[name] for name in names} & texts:
                found.setdefault(text, set()).add(record.id)
        return found

    @api.model
    def _find_programmes(self, job, entries):
        """Name or reference → ids of the initiatives that may be meant."""
        texts = {entry.values.get("programme") for entry in entries} - {None}
        known = self.env["kpi.initiative"].search(
            Domain("company_id", "=", job.company_id.id)
            & (
                Domain("name", "in", list(texts))
                | Domain("reference", "in", list(texts))
            )
        )
        found = {}
        for one in known:
            for text in {one.name, one.reference} & texts:
                found.setdefault(text, set()).add(one.id)
        return found

    @api.model
    def _prepare_row_values(self, run, given, found):
        """What a row says of an initiative, as JSON can hold it.

        :raises UserError: what makes no initiative
        """
        if not given.get("reference"):
            raise UserError(self.env._("The row has no reference."))
        values = {name: given[name] for name in PLAIN if name in given}
        values |= {name: str(given[name].day) for name in DATES if name in given}
        for kind in NAMES_OF:
            if kind in given:
                values[f"{kind}_id"] = self._find_one(found, kind, given)
        if "programme" in given:
            is_made = run.options["creates_programmes"]
            values["programme"] = self._find_one(found, "programme", given, is_made)
        values["costs"] = self._prepare_costs(given)
        values["gates"] = {key: str(given[key].day) for key in GATES if given.get(key)}
        values["approving_body"] = given.get("approving_body", "")
        return values

    @api.model
    def _find_one(self, found, kind, given, is_made=False):
        ids = found[kind].get(given[kind], ())
        return self._choose_named(ids, kind, given[kind], is_made)

    @api.model
    def _prepare_costs(self, given):
        costs = {name: given[key] for key, name in COSTS.items() if key in given}
        for amount in costs.values():
            if not abs(amount) < LARGEST:
                raise UserError(self.env._("The cost %s must be below 10¹².", amount))
        return costs
