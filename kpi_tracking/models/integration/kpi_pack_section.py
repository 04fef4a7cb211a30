from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.kpi_base.fields import or_none

from ...engine import pack
from .kpi_pack import PackItem

KINDS = {
    "boolean": "boolean",
    "char": "text",
    "date": "date",
    "float": "number",
    "html": "text",
    "integer": "integer",
    "monetary": "number",
    "selection": "text",
    "text": "text",
}


class KpiPackSection(models.AbstractModel):
    """One kind of records in packs: how they are said, found, compared and saved.

    Plain fields go by their names; ``_get_plain_fields`` says which. What refers to
    other records is up to each section.
    """

    _name = "kpi.pack.section"
    _description = "Section of a KPI Pack"

    _pack_section = ""  # its name in the document
    _pack_model = ""  # what its entries become
    _pack_identity = ("code",)
    _pack_left_out = frozenset()  # fields that belong to a database, not to a pack

    @api.model
    def _get_plain_fields(self):
        """Fields of the model whose values are carried as they are."""
        return [
            field
            for name, field in self.env[self._pack_model]._fields.items()
            if field.type in KINDS
            and field.store
            and not (field.readonly or field.related)
            and name not in self._pack_left_out
            and name not in models.MAGIC_COLUMNS
        ]

    @api.model
    def _schema(self):
        keys = {field.name: self._key_of(field) for field in self._get_plain_fields()}
        return pack.Section(
            self._pack_section, {**keys, **self._further_keys()}, self._pack_identity
        )

    @api.model
    def _key_of(self, field):
        choices = field.get_values(self.env) if field.type == "selection" else ()
        return pack.Key(KINDS[field.type], choices=tuple(choices))

    @api.model
    def _further_keys(self):
        """Key → ``pack.Key`` of what is not a plain field."""
        return {}

    @api.model
    def _export_entries(self, definitions):
        """Entries of what belongs to ``definitions``."""
        raise NotImplementedError

    @api.model
    def _identity(self, entry):
        return tuple(str(entry.get(key)) for key in self._pack_identity)

    @api.model
    def _label(self, entry):
        return entry.get("name") or ", ".join(self._identity(entry))

    @api.model
    def _sort_entries(self, entries):
        """Entries in an order in which each comes after those it refers to."""
        return entries

    @api.model
    def _find_record(self, entry, company):
        """The record that ``entry`` speaks of, or an empty recordset.

        :raises UserError: something that it refers to is missing
        """
        raise NotImplementedError

    @api.model
    def _entry_of(self, record):
        """Entry of a pack for ``record``."""
        return {
            field.name: self._serialize_value(field, record[field.name])
            for field in self._get_plain_fields()
        }

    @api.model
    def _serialize_value(self, field, value):
        if field.type == "boolean":
            return bool(value)
        if field.type in ("integer", "float", "monetary"):
            return or_none(value)
        if field.type == "date" and value:
            return fields.Date.to_string(value)
        return str(value) if value else None

    @api.model
    def _values(self, entry, record, company):
        """Values of the plain fields; sections add what refers to other records."""
        carried = {field.name for field in self._get_plain_fields()}
        return {
            key: False if value is None else value
            for key, value in entry.items()
            if key in carried
        }

    @api.model
    def _get_comparable_values(self, entry):
        """Keys of an entry that can be compared with a record."""
        return entry

    @api.model
    def _try_entry(self, entry, company):
        """The item of ``entry``, which is saved unless something refuses it."""
        item = PackItem(
            self._pack_section, self._identity(entry), self._label(entry), "impossible"
        )
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                record = self._find_record(entry, company)
                if record:
                    item.changes = pack.changes(
                        self._entry_of(record), self._get_comparable_values(entry)
                    )
                self._save(entry, record, company)
                self.env.flush_all()
        except UserError as error:
            item.reason = str(error)
            self.env.invalidate_all(flush=False)
        except IntegrityError as error:
            item.reason = self._get_constraint_message(error)
            self.env.invalidate_all(flush=False)
        else:
            item.state = "new"
            if record:
                item.state = "changed" if item.changes else "equal"
        return item

    @api.model
    def _get_constraint_message(self, error):
        """Message of a constraint, also of one on lines within the entry."""
        models_of = {model._table: name for name, model in self.env.registry.items()}
        name = models_of.get(error.diag.table_name, self._pack_model)
        return self.env[name]._sql_error_to_message(error)

    @api.model
    def _save_entries(self, entries, company):
        """Records of ``entries``, created or changed.

        :raises UserError: naming the entry that is refused
        """
        records = self.env[self._pack_model]
        for entry in entries:
            try:
                record = self._find_record(entry, company)
                records |= self._save(entry, record, company)
            except UserError as error:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(reason)s", name=self._label(entry), reason=error
                    )
                ) from error
        return records

    @api.model
    def _save(self, entry, record, company):
        """Create what is new, write what differs; nothing where all is equal."""
        if not record:
            return self._create_record(self._values(entry, record, company))
        changed = {c.key for c in pack.changes(self._entry_of(record), entry)}
        if changed:
            differing = {key: entry[key] for key in changed}
            self._write_record(record, self._values(differing, record, company))
        return record

    @api.model
    def _create_record(self, values):
        return self.env[self._pack_model].create(values)

    @api.model
    def _write_record(self, record, values):
        record.write(values)
