import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.tabular import TargetColumn


class KpiImportStaged(models.AbstractModel):
    """Rows that are staged as JSON: their key, and the values of one record.

    A kind of file says by ``_prepare_row`` what a row becomes: the key of its record,
    then its values, or a UserError; by ``_find_existing`` which records are there (key,
    a tuple → record), by ``_find_differing`` what of them changes, and by
    ``_name_staged`` what rows go to (row number → name).
    """

    _name = "kpi.import.staged"
    _description = "Staged Import"
    _inherit = ["kpi.import.target"]
    _imported_model = ""
    _amounts = frozenset()  # columns in the currency of the record
    _percents = frozenset()

    @api.model
    def _check_may_import(self):
        """
        :raises AccessError: the user may not make these records
        """
        self.env[self._imported_model].check_access("create")

    @api.model
    def _find_references(self, run, entries):
        """What ``_prepare_row`` looks up, found for all ``entries`` at once."""

    @api.model
    def _find_differing(self, record, values):
        """The ``values`` that differ from those of the record."""
        return record._find_differing(values)

    @api.model
    def _build_columns(self, labels, required, kinds, aliases):
        """Columns of ``labels``; ``kinds`` has a kind or choices by key, else text."""
        columns = []
        for key, label in labels.items():
            kind = kinds.get(key, "text")
            choices = kind if isinstance(kind, dict) else {}
            columns.append(
                TargetColumn(
                    key,
                    label,
                    "choice" if choices else kind,
                    is_required=key in required,
                    aliases=aliases.get(key, ()),
                    choices=choices,
                    has_units=key in self._amounts,
                    unit="percent" if key in self._percents else None,
                )
            )
        return columns

    @api.model
    def _missing(self, job, keys):
        self._check_may_import()
        return super()._missing(job, keys)

    @api.model
    def _build_staging_rows(self, run, entries):
        self._check_may_import()
        found, rows = self._find_references(run, entries), []
        for entry in entries:
            try:
                *key, values = self._prepare_row(run, entry.values, found)
            except UserError as error:
                run.refuse_by(entry.number, error)
                continue
            rows.append((entry.number, *key, json.dumps(values, default=str)))
        return rows

    @api.model
    def _name_records(self, run, entries):
        names = self._name_staged(run, self._build_staging_rows(run, entries))
        return [names.get(entry.number) for entry in entries]

    @api.model
    def _read_staged(self):
        """``(row number, key, values)`` of what is staged, in the file's order."""
        rows = self.env.execute_query(
            SQL(
                "SELECT number, %s, payload FROM %s ORDER BY number",
                SQL(", ").join(map(SQL.identifier, self._staging_key)),
                SQL.identifier(self._staging_table),
            )
        )
        return [(number, tuple(key), json.loads(text)) for number, *key, text in rows]

    @api.model
    def _compare(self, job, rows):
        """``(key, values)`` of new records, ``(record, values)`` of changed ones."""
        known = self._find_existing(job, {key for _number, key, _values in rows})
        new, changed = [], []
        for _number, key, values in rows:
            record = known.get(key)
            if not record:
                new.append((key, values))
            elif differing := self._find_differing(record, values):
                changed.append((record, differing))
        return new, changed

    @api.model
    def _counts(self, run):
        rows = self._read_staged()
        new, changed = self._compare(run.job, rows)
        return len(new), len(changed), len(rows) - len(new) - len(changed)

    @api.model
    def _find_imported_ids(self, run):
        keys = {key for _number, key, _values in self._read_staged()}
        known = self._find_existing(run.job, keys)
        return sorted(known[key].id for key in keys & known.keys())

    @api.model
    def _open_imported(self, job, action, name, **values):
        """Open what was imported by an action of that XML id."""
        domain = [("id", "in", job.imported_ids or [])]
        return open_list(self.env, action, domain, display_name=name, **values)
