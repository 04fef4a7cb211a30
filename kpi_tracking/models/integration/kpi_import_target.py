from contextlib import contextmanager
from io import StringIO

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

STAGING = "kpi_import_staging"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class KpiImportTarget(models.AbstractModel):
    """What files can be imported as; an addon inherits this for records of its own.

    It says what columns there are, turns entries into rows of a staging table
    (resolving references in bulk), and writes what is staged. Add the model's name to
    ``target_model`` of ``kpi.import.options``.
    """

    _name = "kpi.import.target"
    _description = "Import Target"

    # Columns of the staging table beside the row number, and which of them tell the
    # records apart: a file may say each record once.
    _staging = {}
    _staging_key = ()

    @api.model
    def _columns(self):
        """The ``TargetColumn`` that rows can fill."""
        raise NotImplementedError

    @api.model
    def _choices(self, model, name):
        """Text → key of a selection field, by the key and by its name."""
        field = self.env[model]._fields[name]
        return {
            text.casefold(): key
            for key, label in field._description_selection(self.env)
            for text in (key, label)
        }

    @api.model
    def _missing(self, job, keys):
        """Questions to ask because of what no column is.

        :param keys: of the columns that are something
        """
        return [
            self.env._("Choose the column that is “%s”.", column.label)
            for column in self._columns()
            if column.is_required and column.key not in keys
        ]

    @api.model
    def _staged_rows(self, run, entries):
        """Tuples ``(row number, *_staging)`` of ``entries``, references resolved.

        What cannot be imported is refused with ``run.refuse``.
        """
        raise NotImplementedError

    @api.model
    def _counts(self, run):
        """How many records would be new, changed and the same as before."""
        raise NotImplementedError

    @api.model
    def _store(self, run):
        """Write what is staged; yields after each part that can be committed."""
        raise NotImplementedError

    @api.model
    def _created_text(self, run):
        """What else is created, in words; empty if nothing."""
        return ""

    @api.model
    def _action_open(self, job):
        """The action that shows what was imported."""
        raise NotImplementedError

    @api.model
    def _create_staging(self):
        columns = [
            SQL("%s %s", SQL.identifier(name), SQL(kind))
            for name, kind in self._staging.items()
        ]
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(STAGING)))
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE %s (number integer NOT NULL, %s)",
                SQL.identifier(STAGING),
                SQL(", ").join(columns),
            )
        )

    @api.model
    def _stage(self, run, entries):
        """Stage those of ``entries`` whose rows are not refused."""
        rows = self._staged_rows(run, entries)
        lines = [_copy_line(row) for row in rows if row[0] not in run.refusals]
        self.env.cr._obj.copy_expert(
            f"COPY {STAGING} FROM STDIN", StringIO("".join(lines))
        )

    @api.model
    def _refuse_duplicates(self, run):
        """Refuse all rows that say the same record: which one is right is unknown."""
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(STAGING)))
        groups = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(number ORDER BY number)
                  FROM %(staging)s
              GROUP BY %(key)s
                HAVING count(*) > 1
              ORDER BY min(number)
                """,
                staging=SQL.identifier(STAGING),
                key=SQL(", ").join(map(SQL.identifier, self._staging_key)),
            )
        )
        for (numbers,) in groups:
            for number in numbers:
                run.refuse(number, self._duplicate_reason(number, numbers))

    def _duplicate_reason(self, number, numbers):
        others = [other for other in numbers if other != number]
        return self.env._(
            "The rows %(rows)s say the same thing: keep one of them.",
            rows=", ".join(map(str, sorted({number, *others[:3]}))),
        )

    @api.model
    def _refuse_unwritable(self, run):
        """Refuse staged rows that only the records themselves can judge."""

    @api.model
    def _refused(self, items, write):
        """``(item, reason)`` of those that ``write``, tried on lists of them, refuses.

        What is refused is looked for by halves; nothing that was tried is left.
        """
        reason = items and self._refusal(items, write)
        if not reason:
            return
        if len(items) == 1:
            yield items[0], reason
            return
        middle = len(items) // 2
        yield from self._refused(items[:middle], write)
        yield from self._refused(items[middle:], write)

    @api.model
    def _refusal(self, items, write):
        """Why ``write`` refuses ``items``; empty if it does not."""
        with self._undone():
            try:
                write(items)
                self.env.flush_all()
            except UserError as error:
                return str(error)
        return ""

    @contextmanager
    def _undone(self):
        """Take back whatever is written inside."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    @api.model
    def _drop_refused(self, run):
        """Drop also what was staged of a row before another part of it was refused."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE number = ANY(%s)",
                SQL.identifier(STAGING),
                list(run.refusals),
            )
        )


def _copy_line(row):
    """One line of COPY text."""
    return "\t".join(map(_copy_text, row)) + "\n"


def _copy_text(cell):
    if cell is None:
        return "\\N"
    return cell.translate(_ESCAPES) if isinstance(cell, str) else str(cell)
