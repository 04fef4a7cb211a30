from odoo import models
from odoo.fields import Command

from odoo.addons.kpi_tracking.engine import pack

KEY = "other_names"


class KpiPackDefinitions(models.AbstractModel):
    """Other names of KPIs are carried by packs, where there are any."""

    _inherit = "kpi.pack.definitions"

    def _further_keys(self):
        keys = {"text": pack.Key("text", required=True), "language": pack.Key("text")}
        return {**super()._further_keys(), KEY: pack.Key("entries", keys=keys)}

    def _entry_of(self, record):
        entry = super()._entry_of(record)
        names = [
            {"text": each.text, "language": each.language or None}
            for each in record.synonym_ids
        ]
        # A pack without other names can be read where this addon is not installed.
        return {**entry, KEY: names} if names else entry

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if KEY in entry:
            installed = dict(self.env["res.lang"].get_installed())
            rows = [
                {
                    "text": each["text"],
                    "language": each.get("language") in installed and each["language"],
                }
                for each in entry[KEY] or ()
            ]
            values["synonym_ids"] = [Command.clear(), *map(Command.create, rows)]
        return values
