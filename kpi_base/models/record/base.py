import os

from psycopg2.errors import LockNotAvailable

from odoo import api, models
from odoo.exceptions import LockError
from odoo.tools import SQL, mute_logger

from ...failure import is_disk_full

LOCK_WAIT = "1s"  # that people wait for others who change the same records


def find_heirs(env, mixin):
    """An empty recordset of each model that inherits a mixin, in the order of names."""
    names = env.registry.descendants([mixin], "_inherit")
    return [env[name] for name in sorted(names) if not env[name]._abstract]


def name_heirs(env, mixin):
    """Choices of a selection: name and words of each model that inherits a mixin."""
    # What a kind of records is called is no secret.
    kinds = env["ir.model"].sudo()
    return [(one._name, kinds._get(one._name).name) for one in find_heirs(env, mixin)]


def arrays_sql(model, columns):
    """SQL of an array of each column, as ``unnest`` takes them.

    :param columns: dict name → list of its values, as the database takes them
    """
    return SQL(", ").join(
        SQL("%s::%s[]", values, SQL(model._fields[name].column_type[0]))
        for name, values in columns.items()
    )


def insert_sql(model, columns):
    """SQL that inserts rows, given as ``arrays_sql`` takes them."""
    return SQL(
        "INSERT INTO %s (%s) SELECT * FROM unnest(%s)",
        SQL.identifier(model._table),
        SQL(", ").join(map(SQL.identifier, columns)),
        arrays_sql(model, columns),
    )


class Base(models.AbstractModel):
    """Locks in words: Odoo's own refusal speaks of “a lock on records”.

    Of our models, what cannot be exported is technical: nobody is offered it for
    groups or filters of their own.
    """

    _inherit = "base"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        described = super().fields_get(allfields, attributes)
        if self._name.startswith("kpi."):
            for name, description in described.items():
                if not self._fields[name].exportable:
                    hidden = {"groupable", "searchable"} & description.keys()
                    description.update(dict.fromkeys(hidden, False))
        return described

    @api.private
    def lock_for_update(self, *, allow_referencing=False):
        try:
            return super().lock_for_update(allow_referencing=allow_referencing)
        except LockError as error:
            if self._name.startswith("kpi.") and self._await_lock(allow_referencing):
                return None
            # what a model is called is no secret
            raise LockError(
                self.env._(
                    "Somebody else is changing the same record (%s) at this moment."
                    " Look at it again.",
                    self.env["ir.model"]._get(self._name).sudo().name,
                )
            ) from error

    def _await_lock(self, allow_referencing):
        """Wait shortly for others who hold these rows; whether they are locked now.

        Where others changed a row, this transaction fails with 40001 and is run again.
        """
        cr = self.env.cr
        cr.execute("SHOW lock_timeout")
        (before,) = cr.fetchone()
        lock = SQL("FOR NO KEY UPDATE" if allow_referencing else "FOR UPDATE")
        rows = SQL(
            "SELECT id FROM %s WHERE id = ANY(%s)",
            SQL.identifier(self._table),
            self.ids,
        )
        try:
            with mute_logger("odoo.sql_db"), cr.savepoint(flush=False):
                # A request that may wait less than that waits as long as it may.
                wait = LOCK_WAIT if before == "0" else before
                cr.execute(SQL("SET LOCAL lock_timeout = %s", wait))
                cr.execute(SQL("%s ORDER BY id %s", rows, lock))
                is_locked = cr.rowcount == len(self)
                cr.execute(SQL("SET LOCAL lock_timeout = %s", before))
        except LockNotAvailable:
            return False
        return is_locked


class IrAttachment(models.Model):
    """Files that found no room leave nothing: Odoo would take the rest for the file."""

    _inherit = "ir.attachment"

    @api.model
    def _file_write(self, bin_value, checksum):
        try:
            return super()._file_write(bin_value, checksum)
        except OSError as error:
            if is_disk_full(error):
                self._remove_unfinished(bin_value, checksum)
            raise

    @api.model
    def _remove_unfinished(self, bin_value, checksum):
        path = self._full_path(f"{checksum[:2]}/{checksum}")
        if os.path.isfile(path) and os.path.getsize(path) != len(bin_value):
            os.unlink(path)
