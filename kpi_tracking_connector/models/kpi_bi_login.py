"""Logins of PostgreSQL: how they are made, and whether they may what they should."""

import secrets

from psycopg2.extensions import encrypt_password

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.base.models.res_users import check_identity
from odoo.addons.kpi_base.actions import open_form

from .kpi_bi_schema import MINUTES

CONNECTIONS = 5  # of one login at once
VALID_DAYS = 365
SCRIPT = """\
DO $$ BEGIN
    IF to_regrole('{login}') IS NULL THEN CREATE ROLE {login}; END IF;
END $$;
ALTER ROLE {login} LOGIN CONNECTION LIMIT {connections}
    PASSWORD '{verifier}'
    VALID UNTIL '{until}';
ALTER ROLE {login} SET default_transaction_read_only = on;
ALTER ROLE {login} SET search_path = kpi_bi;
ALTER ROLE {login} SET statement_timeout = '{minutes}min';
ALTER ROLE {login} SET idle_in_transaction_session_timeout = '{minutes}min';
GRANT CONNECT ON DATABASE {database} TO {login};
-- so that Odoo can end its queries
GRANT {login} TO {odoo};
-- Odoo runs what stands in the schema public, and lets every role create there
GRANT CREATE ON SCHEMA public TO {odoo};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT TEMPORARY ON DATABASE {database} TO {odoo};
REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
"""
# What is asked of a role, and of what all roles may: each a column of one row.
CHECK = """
    SELECT role.rolcanlogin AS can_login,
           coalesce(role.rolvaliduntil < now(), FALSE) AS is_over,
           role.rolsuper OR role.rolcreaterole OR role.rolcreatedb OR role.rolbypassrls
               OR EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid)
               AS may_more,
           role.rolconnlimit < 0 OR role.rolvaliduntil IS NULL
               OR NOT EXISTS (
                   SELECT FROM pg_db_role_setting AS setting,
                          unnest(setting.setconfig) AS line
                    WHERE setting.setrole = role.oid
                      AND line LIKE 'statement\\_timeout=%%')
               AS has_no_limits,
           NOT pg_has_role(role.oid, 'USAGE') AS is_out_of_reach
      FROM pg_roles AS role
     WHERE role.rolname = %s
"""
OPEN_TO_ALL = """
    SELECT has_schema_privilege('public', 'public', 'CREATE') AS may_create,
           has_database_privilege('public', current_database(), 'TEMP') AS may_temp,
           (SELECT string_agg(relname, ', ' ORDER BY relname)
              FROM pg_class
             WHERE relnamespace = 'public'::regnamespace
               AND relkind IN ('r', 'v', 'm', 'p', 'f')
               AND has_table_privilege('public', oid, 'SELECT')) AS tables
"""


class KpiBiConnector(models.Model):
    """Programs that read by SQL log in as a role of PostgreSQL."""

    _inherit = "kpi.bi.connector"

    login = fields.Char(compute="_compute_login", exportable=False)
    login_state = fields.Text(compute="_compute_login_state", exportable=False)

    @api.depends("connector_type", "owner_id")
    def _compute_login(self):
        for each in self:
            schema = self.env["kpi.bi.schema"]
            is_read = each.connector_type == "odbc" and each.id and each.owner_id
            each.login = is_read and schema._get_login(
                each._origin.id, each.owner_id.id
            )

    @api.depends("login")
    def _compute_login_state(self):
        for each in self:
            each.login_state = each.login and "\n".join(each._describe_login())

    def _describe_login(self):
        """Whether programs can log in, and what may be too much, in sentences."""
        schema = self.env["kpi.bi.schema"]
        if not schema._is_made():
            return [self.env._("Odoo may make no schema in its database.")]
        cr = self.env.cr
        cr.execute(CHECK, [self.login])
        role = cr.dictfetchone()
        if not role:
            return [self.env._("Nobody can log in yet: make a password.")]
        cr.execute(OPEN_TO_ALL)
        of_all = cr.dictfetchone()
        sentences = {
            self.env._("The login is closed: make a new password."): not role[
                "can_login"
            ],
            self.env._("The password ended: make a new one."): role["is_over"],
            self.env._("The role may do more than read."): role["may_more"],
            self.env._("The role has no limits: run the script again."): role[
                "has_no_limits"
            ],
            self.env._(
                "Odoo cannot end queries of the role: run the script again."
            ): role["is_out_of_reach"],
            self.env._("Every role may create tables in the schema public."): of_all[
                "may_create"
            ],
            self.env._("Every role may make temporary tables."): of_all["may_temp"],
            self.env._("Every role may read: %s", of_all["tables"]): of_all["tables"],
        }
        return [text for text, is_so in sentences.items() if is_so] or [
            self.env._("Programs can log in.")
        ]

    @check_identity
    def action_make_password(self):
        """Make a password, which the owner alone can; it is shown once."""
        self.ensure_one()
        if not self.is_mine or not self.login:
            raise UserError(self.env._("The owner makes the password."))
        return open_form(
            self.env["kpi.bi.login.show"],
            name=self.env._("Password"),
            target="new",
            context=self._make_password(),
        )

    def _make_password(self):
        """A password, for the dialog that shows it; the role too, where Odoo may."""
        password = secrets.token_urlsafe(24)
        cr = self.env.cr
        cr.execute("SELECT quote_ident(current_database()), quote_ident(current_user)")
        database, odoo = cr.fetchone()
        script = SCRIPT.format(
            login=self.login,
            connections=CONNECTIONS,
            # what PostgreSQL stores: the password is in no script and in no log
            verifier=encrypt_password(
                password, self.login, cr.connection, "scram-sha-256"
            ),
            until=fields.Date.add(fields.Date.today(), days=VALID_DAYS),
            minutes=MINUTES,
            database=database,
            odoo=odoo,
        )
        schema = self.env["kpi.bi.schema"]
        is_run = schema._may_make_roles()
        if is_run:
            cr.execute(SQL(script.replace("%", "%%")))
        # Whose rows a login gets is the engine's.
        schema.sudo()._sweep_allowed()
        return {
            "default_login": self.login,
            "default_password": password,
            "default_script": not is_run and script,
        }


class KpiBiLoginShow(models.AbstractModel):
    """A login with its password, of which nothing is stored."""

    _name = "kpi.bi.login.show"
    _description = "Password of a Connector"

    id = fields.Id()  # the web client asks for it with the others
    login = fields.Char("User Name", readonly=True)
    password = fields.Char(readonly=True)
    script = fields.Text(readonly=True)
