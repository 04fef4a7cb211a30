from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from .base import insert_sql

ROWS_PER_STATEMENT = 1000


class KpiEngineRowsMixin(models.AbstractModel):
    """Rows that the engine alone writes, by SQL: the ORM refuses, whoever asks."""

    _name = "kpi.engine.rows.mixin"
    _description = "Engine Rows"

    def _get_refusal(self, operation):
        """Say why ``create``, ``write`` or ``unlink`` is refused; models say more."""
        name = self._description
        if operation == "create":
            return self.env._(
                "Records of “%s” are created automatically and cannot be entered.",
                name,
            )
        if operation == "write":
            return self.env._("Records of “%s” cannot be changed.", name)
        return self.env._("Records of “%s” cannot be removed.", name)

    # All refuse whoever asks: there is nothing to hand on to.
    # pylint: disable=method-required-super,useless-suppression

    @api.model_create_multi
    def create(self, vals_list):
        if not vals_list:
            return self.browse()
        raise UserError(self._get_refusal("create"))

    def write(self, vals):
        raise UserError(self._get_refusal("write"))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._get_refusal("unlink"))

    @api.model
    def _insert(self, rows):
        """Add ``rows``: dicts of columns that all have the same names."""
        for part in split_every(ROWS_PER_STATEMENT, rows, tuple):
            columns = {name: [row[name] for row in part] for name in part[0]}
            self.env.cr.execute(insert_sql(self, columns))
        self.invalidate_model()


class KpiAppendOnlyMixin(models.AbstractModel):
    """Rows that are added and never changed: triggers refuse, whoever asks.

    A model of this kind has ``_log_access = False``, no stored compute, and foreign
    keys that restrict. A column added later is nullable and without default, as Odoo
    would fill it by an UPDATE.
    """

    _name = "kpi.append.only.mixin"
    _inherit = ["kpi.engine.rows.mixin"]
    _description = "Append-Only Rows"

    def init(self):
        super().init()
        if self._abstract:
            return
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION kpi_refuse_change() RETURNS trigger AS $$
                BEGIN
                    RAISE EXCEPTION '%% is append-only: %% refused',
                          TG_TABLE_NAME, TG_OP
                          USING ERRCODE = 'integrity_constraint_violation';
                END
                $$ LANGUAGE plpgsql;
                CREATE OR REPLACE TRIGGER kpi_append_only
                BEFORE UPDATE OR DELETE ON %(table)s
                FOR EACH ROW EXECUTE FUNCTION kpi_refuse_change();
                CREATE OR REPLACE TRIGGER kpi_append_only_truncate
                BEFORE TRUNCATE ON %(table)s
                FOR EACH STATEMENT EXECUTE FUNCTION kpi_refuse_change();
                ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER kpi_append_only;
                ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER kpi_append_only_truncate;
                """,
                table=SQL.identifier(self._table),
            )
        )
