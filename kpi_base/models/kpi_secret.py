import os

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

from ..engine.sealing import SealError, load_keys, reseal, seal, unseal

OPTION, VARIABLE = "kpi_secret_keys", "KPI_SECRET_KEYS"


class KpiSecret(models.AbstractModel):
    """Where secrets of records are: in a table that no ORM, export or copy reaches.

    Records have fields for them, see ``kpi.secret.mixin``.
    """

    _name = "kpi.secret"
    _description = "Stored Secret"

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_secret (
                model varchar NOT NULL,
                res_id integer NOT NULL,
                name varchar NOT NULL,
                sealed text NOT NULL,
                PRIMARY KEY (model, res_id, name)
            )
            """
        )

    @api.model
    def _load_keys(self):
        """Load the keys of the server, which its configuration holds."""
        try:
            return load_keys(os.environ.get(VARIABLE) or config.get(OPTION))
        except SealError as error:
            raise UserError(error.translate_with(self.env._)) from error

    @api.model
    def _find_sealed(self, records, name):
        """Id → sealed text, of the records that have a secret of this name."""
        query = SQL(
            "SELECT res_id, sealed FROM kpi_secret"
            " WHERE model = %s AND name = %s AND res_id = ANY(%s)",
            *(records._name, name, records.ids),
        )
        return dict(self.env.execute_query(query))

    @api.model
    def _store(self, records, name, text):
        """Store a secret of each record; an empty one takes away what was there."""
        if not text:
            self._forget(records, name)
            return
        keys = self._load_keys()
        rows = [
            SQL("%s", (records._name, res_id, name, seal(keys, text)))
            for res_id in sorted(records.ids)
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO kpi_secret (model, res_id, name, sealed) VALUES %s"
                    " ON CONFLICT (model, res_id, name)"
                    " DO UPDATE SET sealed = excluded.sealed",
                    SQL(", ").join(rows),
                )
            )

    @api.model
    def _forget(self, records, name=None):
        """Take away one secret of each record, or all of them."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM kpi_secret WHERE model = %s AND res_id = ANY(%s) AND %s",
                records._name,
                records.ids,
                SQL("name = %s", name) if name else SQL("TRUE"),
            )
        )

    @api.model
    def _reseal_all(self):
        """Seal all that is stored with the first key.

        :return: how many there are, and what no key opens: (model, id, name)
        """
        keys = self._load_keys()
        rows = self.env.execute_query(
            SQL(
                "SELECT model, res_id, name, sealed FROM kpi_secret"
                " ORDER BY model, res_id, name FOR UPDATE"
            )
        )
        unreadable = []
        for *place, sealed in rows:
            try:
                fresh = reseal(keys, sealed)
            except SealError:
                unreadable.append(tuple(place))
                continue
            self.env.cr.execute(
                SQL(
                    "UPDATE kpi_secret SET sealed = %s"
                    " WHERE model = %s AND res_id = %s AND name = %s",
                    fresh,
                    *place,
                )
            )
        return len(rows) - len(unreadable), unreadable


class KpiSecretMixin(models.AbstractModel):
    """Records with fields whose text nobody reads back::

    class Channel(models.Model):
        _inherit = ["kpi.secret.mixin"]

        address = Secret("address", "Secret Address")

    text = channel._read_secret("address")
    """

    _name = "kpi.secret.mixin"
    _description = "Record with Secrets"

    def _read_secret(self, name):
        """Read a secret for whoever is about to use it; empty where there is none."""
        self.ensure_one()
        secrets = self.env["kpi.secret"]
        sealed = secrets._find_sealed(self, name)
        if not sealed:
            return ""
        try:
            return unseal(secrets._load_keys(), sealed[self.id])
        except SealError as error:
            raise UserError(error.translate_with(self.env._)) from error

    def _has_secret(self, name):
        """Whether the field holds something, which may be unreadable."""
        self.ensure_one()
        return bool(self.env["kpi.secret"]._find_sealed(self, name))

    def unlink(self):
        # Read before: of a deleted record nothing is left to ask for.
        secrets = self.env["kpi.secret"]
        records = self.browse(self.ids)
        result = super().unlink()
        secrets._forget(records)
        return result
