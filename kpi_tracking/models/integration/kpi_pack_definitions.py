from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...engine import formula as formulas
from ...engine import pack
from ..definition.kpi_method_mixin import METHOD_FIELDS
from ..version.kpi_definition import ALL_HISTORY

REFERENCES = ("category", "tags", "currency", "working_hours")


class KpiPackDefinitions(models.AbstractModel):
    """Definitions in packs, matched by their codes."""

    _name = "kpi.pack.definitions"
    _description = "KPI Pack Definitions"
    _inherit = ["kpi.pack.section"]

    _pack_section = "definitions"
    _pack_model = "kpi.definition"
    _pack_left_out = frozenset({"active", "history_start", "without_company"})

    def _further_keys(self):
        lines = {
            "field": pack.Key("text", required=True),
            "largest": pack.Key("integer"),
        }
        return {
            "code": pack.Key("text", required=True),
            "name": pack.Key("text", required=True),
            "category": pack.Key("text"),
            "tags": pack.Key("texts"),
            "currency": pack.Key("text"),
            "working_hours": pack.Key("text"),
            "breakdowns": pack.Key("entries", keys=lines),
            "example": pack.Key("number"),
            "needs": pack.Key("texts"),
            "versions": pack.Key("entries", keys=self._version_keys()),
        }

    def _version_keys(self):
        return {
            "valid_from": pack.Key("date", required=True),
            "reason": pack.Key("text"),
            "working_hours": pack.Key("text"),
            **{field.name: self._key_of(field) for field in self._get_method_fields()},
        }

    def _get_method_fields(self):
        """Plain fields that a version has as well."""
        return [f for f in self._get_plain_fields() if f.name in METHOD_FIELDS]

    def _export_entries(self, definitions):
        """Entries as they are in force, unless all versions are wanted."""
        entries = []
        for definition in definitions:
            entry = self._entry_of(definition)
            if not self.env.context.get("pack_all_versions"):
                entry.pop("versions")
            entries.append({**entry, "needs": self._get_needed_apps(definition)})
        return entries

    def _entry_of(self, record):
        lines = [
            {"field": line.field_path, "largest": line.top_count}
            for line in record.breakdown_ids
        ]
        return {
            "code": record.code,
            **super()._entry_of(record),
            "category": record.category_id.name or None,
            "tags": record.tag_ids.mapped("name"),
            "currency": record.currency_id.name or None,
            "working_hours": record.working_calendar_id.name or None,
            "breakdowns": lines,
            "versions": [
                self._version_entry(each)
                # How a KPI was computed is known to who may export it.
                for each in record.sudo().version_ids.sorted("valid_from")
            ],
        }

    def _version_entry(self, version):
        return {
            "valid_from": fields.Date.to_string(version.valid_from),
            "reason": version.reason or None,
            "working_hours": version.working_calendar_id.name or None,
            **{
                field.name: self._serialize_value(field, version[field.name])
                for field in self._get_method_fields()
            },
        }

    def _get_needed_apps(self, definition):
        """Technical names of the apps whose records are counted."""
        name = definition.model_name
        if definition.computation != "records" or name not in self.env:
            return []
        module = self.env[name]._original_module  # none where people made the model
        return [module] if module else []

    def _sort_entries(self, entries):
        """Parts before the formulas that name them; refuses a cycle."""
        by_code = {entry["code"]: entry for entry in entries}
        edges = {
            code: codes_of(entry) & by_code.keys() for code, entry in by_code.items()
        }
        try:
            order = formulas.dependency_order(edges)
        except formulas.CycleError as error:
            raise UserError(error.translate_with(self.env._)) from error
        return [by_code[code] for code in order]

    def _find_record(self, entry, company):
        everywhere = self.env["kpi.definition"].with_context(active_test=False)
        return everywhere.search(
            Domain("code", "=", entry["code"])
            & Domain("company_id", "in", [company.id, False]),
            limit=1,
        )

    def _get_comparable_values(self, entry):
        """Without what the gallery says of it: no field of a definition."""
        of_gallery = {"example", "needs"}
        return {key: entry[key] for key in entry if key not in of_gallery}

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values.update(code=entry["code"], company_id=company.id)
        resolvers = (self._category, self._tags, self._currency, self._working_hours)
        for key, resolve in zip(REFERENCES, resolvers, strict=True):
            if entry.get(key) or key in entry and record:
                values.update(resolve(entry[key]))
        if "breakdowns" in entry:
            lines = [
                {"field_path": line["field"], "top_count": line.get("largest") or 10}
                for line in entry["breakdowns"] or ()
            ]
            values["breakdown_ids"] = [Command.clear(), *map(Command.create, lines)]
        return values

    def _save(self, entry, record, company):
        self._check_installed(entry)
        if entry.get("versions"):
            record = record.with_context(kpi_valid_from=ALL_HISTORY)
        before = self._entry_of(record)["versions"] if record else []
        values = self._get_comparable_values(entry)
        record = super()._save(values, record, company).with_env(self.env)
        if not record.active:
            record.active = True
        if "versions" in entry and entry["versions"] != before:
            self._restore_versions(record, entry)
        return record

    def _write_record(self, record, values):
        """Write what needs no approval, and propose the rest."""
        guarded = record._get_guarded_names() & values.keys()
        if not record._filter_guarded("write", values):
            record.write(values)
            return
        given = record.env.context.get("kpi_valid_from")
        record._propose(
            {name: values[name] for name in guarded},
            self.env._("Imported from a pack"),
            valid_from=record._parse_valid_from(given),
        )
        record.write({name: values[name] for name in values.keys() - guarded})

    def _restore_versions(self, record, entry):
        if record._filter_guarded("write"):
            raise UserError(
                self.env._("changes need approval. Import the KPI without versions.")
            )
        record._restore_versions(
            [self._version_values(each) for each in entry["versions"] or ()]
        )

    def _version_values(self, entry):
        """Values of a version, as ``write`` of a definition takes them."""
        plain = {key: value for key, value in entry.items() if key in METHOD_FIELDS}
        return {
            **{key: False if each is None else each for key, each in plain.items()},
            **self._working_hours(entry.get("working_hours")),
            "valid_from": fields.Date.to_date(entry["valid_from"]),
            "reason": entry.get("reason"),
        }

    def _save_entries(self, entries, company):
        """As ``super``, new definitions in batches: parts before their formulas."""
        new = [entry for entry in entries if not self._find_record(entry, company)]
        try:
            with self.env.cr.savepoint():
                created = self._create_batch(new, company)
                self.env.flush_all()
        except UserError:
            # One by one, to name the entry that is refused.
            return super()._save_entries(entries, company)
        old = [entry for entry in entries if entry not in new]
        return created | (super()._save_entries(old, company) if old else created)

    def _create_batch(self, entries, company):
        """Definitions of new entries, in one batch with the parts of their formulas."""
        kpis = self.env["kpi.definition"]
        for entry in entries:
            self._check_installed(entry)
        made = kpis.create([self._values(entry, kpis, company) for entry in entries])
        for record, entry in zip(made, entries, strict=True):
            if entry.get("versions"):
                self._restore_versions(record, entry)
        return made

    def _check_installed(self, entry):
        """Name the apps that are missing before anything else is refused."""
        model = entry.get("model_name")
        missing = self._missing_apps(entry.get("needs") or [])
        if model and model not in self.env or missing:
            raise UserError(
                self.env._(
                    "not installed: %s. Install the missing apps first.",
                    ", ".join(missing) or f"“{model}”",
                )
            )

    def _missing_apps(self, names):
        """List the titles of the apps among ``names`` that are not installed."""
        missing = sorted(set(names) - self.env.registry._init_modules)
        titles = self._get_app_titles(missing)
        return [titles[name] for name in missing]

    def _get_app_titles(self, names):
        """Technical name of an app → its title, or the name where it has none."""
        titles = {name: name for name in names}
        if not titles:
            return {}
        # Names of apps are no secret; their list is for administrators.
        apps = self.env["ir.module.module"].sudo()
        known = apps.search([("name", "in", [*titles])])
        return titles | {app.name: app.shortdesc for app in known}

    def _category(self, name):
        found = self._find_or_create("kpi.definition.category", name and [name])
        return {"category_id": found.id}

    def _tags(self, names):
        return {"tag_ids": [Command.set(self._find_or_create("kpi.tag", names).ids)]}

    def _find_or_create(self, model, names):
        """Records of these names, created where missing."""
        names = list(dict.fromkeys(names or []))
        if not names:
            return self.env[model]
        known = self.env[model].search([("name", "in", names)])
        missing = [name for name in names if name not in known.mapped("name")]
        return known | known.create([{"name": name} for name in missing])

    def _currency(self, name):
        currency = self.env["res.currency"].search([("name", "=", name)], limit=1)
        if name and not currency:
            raise UserError(self.env._("the currency %s is not active.", name))
        return {"currency_id": currency.id}

    def _working_hours(self, name):
        hours = self.env["resource.calendar"].search(
            [("name", "=", name), ("company_id", "in", [self.env.company.id, False])],
            limit=1,
        )
        if name and not hours:
            raise UserError(self.env._("working hours “%s” not found.", name))
        return {"working_calendar_id": hours.id}


def codes_of(entry):
    """Codes that the formula of ``entry`` names; none where it cannot be read."""
    if entry.get("computation") != "formula":
        return set()
    try:
        formula = formulas.parse(entry.get("formula") or "")
    except formulas.FormulaError:
        return set()  # said where the entry is saved
    return formula.codes | formula.target_codes - {entry["code"]}
