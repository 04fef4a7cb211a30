import hashlib
import json
import logging

import psycopg2

from odoo import api, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)
GRANTS = "%s.view_grants.%s"  # addon, view
PUBLIC = ""  # everybody, as a role


class KpiViewMixin(models.AbstractModel):
    """Database views for queries: made where missing, rebuilt where different.

    Odoo drops views when an addon changes the type of a column below them, also at the
    update of another addon. So they are checked whenever the registry is ready::

        class Sales(models.Model):
            _name = "my.sales"
            _table = "vw_sales"
            _inherit = ["kpi.view.mixin"]
            _auto = False

            def _view_sql(self):
                return SQL("SELECT id, amount FROM sale_order")
    """

    _name = "kpi.view.mixin"
    _description = "Database View"
    _auto = False

    def init(self):
        if not self._abstract:
            # The columns that it reads are all there only after the last model.
            self.pool.post_init(self._check_view)

    def _register_hook(self):
        super()._register_hook()
        if not self._abstract:
            self._check_view()

    @api.model
    def _view_sql(self):
        """The SELECT of the view."""
        raise NotImplementedError(f"{self._name} has no _view_sql")

    @api.model
    def _check_view(self):
        """Make the view what the code says, with the grants that it had."""
        mark = self._compute_mark()
        if mark and mark == self._read_mark():
            self._store_grants()
            return
        _logger.info("Building view %s.", self._table)
        try:
            with self.env.cr.savepoint():
                self._build_view()
        except psycopg2.Error as error:
            # Another server builds it now, or somebody's view depends on this one: the
            # screens read without it, so nothing else has to stop.
            _logger.warning("View %s was not built: %s", self._table, error)

    @api.model
    def _build_view(self):
        grants = self._read_grants() or self._load_grants()
        view, rows = SQL.identifier(self._table), self._view_sql()
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(SQL("DROP VIEW IF EXISTS %s", view))
        except psycopg2.errors.DependentObjectsStillExist:
            # Columns can be added at its end only.
            _logger.info("View %s stays: somebody's own view reads it.", self._table)
        self.env.cr.execute(SQL("CREATE OR REPLACE VIEW %s AS %s", view, rows))
        for role in grants:
            self.env.cr.execute(
                SQL(
                    "GRANT SELECT ON %s TO %s",
                    SQL.identifier(self._table),
                    SQL.identifier(role) if role else SQL("PUBLIC"),
                )
            )
        self.env.cr.execute(SQL("COMMENT ON VIEW %s IS %s", view, self._compute_mark()))
        self._store_grants()

    @api.model
    def _compute_mark(self):
        """Fingerprint of the code's SELECT and of the view; None: there is no view."""
        ((stored,),) = self.env.execute_query(
            SQL("SELECT pg_get_viewdef(to_regclass(%s))", self._table)
        )
        if stored is None:
            return None
        wanted = self._view_sql()
        text = repr((wanted.code, wanted.params, stored))
        return f"{self._original_module} {hashlib.sha256(text.encode()).hexdigest()}"

    @api.model
    def _read_mark(self):
        ((mark,),) = self.env.execute_query(
            SQL("SELECT obj_description(to_regclass(%s), 'pg_class')", self._table)
        )
        return mark

    @api.model
    def _read_grants(self):
        """Roles that may read the view, beside its owner; empty where it is missing."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT CASE WHEN grants.grantee = 0 THEN ''
                                     ELSE pg_get_userbyid(grants.grantee) END
                  FROM pg_class AS view
                 CROSS JOIN LATERAL aclexplode(view.relacl) AS grants
                 WHERE view.oid = to_regclass(%s)
                   AND grants.privilege_type = 'SELECT'
                   AND grants.grantee <> view.relowner
              ORDER BY 1
                """,
                self._table,
            )
        )
        return [role for (role,) in rows]

    @api.model
    def _load_grants(self):
        """Roles that could read the view when it was last seen and still exist."""
        # Roles of the database concern administrators only; upkeep acts for them.
        parameters = self.env["ir.config_parameter"].sudo()
        key = GRANTS % (self._original_module, self._table)
        stored = json.loads(parameters.get_param(key, "[]"))
        known = self.env.execute_query(
            SQL("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", stored)
        )
        return [role for (role,) in known] + [PUBLIC] * (PUBLIC in stored)

    @api.model
    def _store_grants(self):
        """Remember who may read the view, for when it is dropped with a column."""
        # As above.
        parameters = self.env["ir.config_parameter"].sudo()
        key = GRANTS % (self._original_module, self._table)
        roles = json.dumps(self._read_grants())
        if parameters.get_param(key, "[]") != roles:
            parameters.set_param(key, roles)
