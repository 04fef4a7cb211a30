"""Logins of PostgreSQL: how they are made, and whether they may what they should."""

import secrets

from psycopg2.extensions import encrypt_password

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.base.models.res_users import check_identity
from odoo.addons.kpi_base.actions import open_form

from .kpi_bi_schema import HARMFUL, IDLE_MINUTES, MINUTES

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
ALTER ROLE {login} SET idle_session_timeout = '{idle_minutes}min';
GRANT CONNECT ON DATABASE {database} TO {login};
-- so that Odoo can end its queries
GRANT {login} TO {odoo};
-- Odoo runs what stands in the schema public, and lets every role create there
GRANT CREATE ON SCHEMA public TO {odoo};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT TEMPORARY ON DATABASE {database} TO {odoo};
REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
"""
# Only a superuser may: they are PostgreSQL's.
FUNCTIONS_SCRIPT = """\
-- with locks every role could stop Odoo's timers, and with large objects fill the disk
DO $$ DECLARE harmful text; BEGIN
    FOR harmful IN
        SELECT oid::regprocedure FROM pg_proc
         WHERE pronamespace = 'pg_catalog'::regnamespace
           AND proname ~ '{harmful}'
           AND has_function_privilege('public', oid, 'EXECUTE')
    LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || harmful || $g$ TO {odoo}$g$;
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || harmful || ' FROM PUBLIC';
    END LOOP;
END $$;
"""
# What is wrong with a role, and what all roles may: each a column of one row.
CHECK = """
    SELECT NOT role.rolcanlogin AS closed,
           coalesce(role.rolvaliduntil < now(), FALSE) AS ended,
           role.rolsuper OR role.rolcreaterole OR role.rolcreatedb OR role.rolbypassrls
               OR EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid) AS more,
           role.rolconnlimit < 0 OR role.rolvaliduntil IS NULL
               OR NOT EXISTS (
                   SELECT FROM pg_db_role_setting
                    WHERE setrole = role.oid AND setconfig::text ~ 'statement_timeout=')
               AS unlimited,
           NOT pg_has_role(role.oid, 'USAGE') AS apart,
           has_schema_privilege('public', 'public', 'CREATE') AS creating,
           has_database_privilege('public', current_database(), 'TEMP') AS temporary,
           EXISTS (SELECT FROM pg_proc
                    WHERE pronamespace = 'pg_catalog'::regnamespace
                      AND proname ~ %(harmful)s
                      AND has_function_privilege('public', oid, 'EXECUTE'))
               AS harmful,
           (SELECT string_agg(relname, ', ' ORDER BY relname)
              FROM pg_class
             WHERE relnamespace = 'public'::regnamespace
               AND relkind IN ('r', 'v', 'm', 'p', 'f')
               AND has_table_privilege('public', oid, 'SELECT')) AS tables
      FROM pg_roles AS role
     WHERE role.rolname = %(login)s
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
            return [
                self.env._(
                    "Odoo cannot create a database schema. Grant its database user "
                    "CREATE on the database, then upgrade the KPI Connectors app."
                )
            ]
        found = self._check_login()
        if not found:
            return [self.env._("No login yet. Create a password.")]
        tables = found["tables"]
        texts = {
            "closed": self.env._("The login is closed. Create a new password."),
            "ended": self.env._("The password has expired. Create a new one."),
            "more": self.env._("The role has more than read access."),
            "unlimited": self.env._(
                "The role lacks required limits. Rerun the script."
            ),
            "apart": self.env._(
                "Odoo cannot stop the role's queries. Rerun the script."
            ),
            "creating": self.env._("Any role can create objects in the public schema."),
            "temporary": self.env._("Any role can create temporary tables."),
            "harmful": self.env._(
                "Any role can block Odoo or fill the disk. Rerun the script as a "
                "PostgreSQL administrator."
            ),
            "tables": self.env._("Any role can read: %s", tables),
        }
        wrong = [text for name, text in texts.items() if found[name]]
        return wrong or [self.env._("Programs can log in.")]

    def _check_login(self):
        """What is wrong with the role, as a dict; None where there is no role."""
        self.env.cr.execute(CHECK, {"harmful": HARMFUL, "login": self.login})
        return self.env.cr.dictfetchone()

    @check_identity
    def action_make_password(self):
        """Make a password, which the owner alone can; it is shown once."""
        self.ensure_one()
        if not self.is_mine or not self.login:
            raise UserError(self.env._("Only the owner can create the password."))
        return open_form(
            self.env["kpi.bi.login.show"],
            name=self.env._("Password"),
            target="new",
            context=self._make_password(),
        )

    def _make_password(self):
        """A password, for the dialog that shows it; the role too, where Odoo may.

        What an administrator of PostgreSQL has to run is the script of the dialog.
        """
        password = secrets.token_urlsafe(24)
        cr = self.env.cr
        cr.execute("SELECT quote_ident(current_database()), quote_ident(current_user)")
        database, odoo = cr.fetchone()
        values = {
            "login": self.login,
            "connections": CONNECTIONS,
            # what PostgreSQL stores: the password is in no script and in no log
            "verifier": encrypt_password(
                password, self.login, cr.connection, "scram-sha-256"
            ),
            "until": fields.Date.add(fields.Date.today(), days=VALID_DAYS),
            "minutes": MINUTES,
            "idle_minutes": IDLE_MINUTES,
            "harmful": HARMFUL,
            "database": database,
            "odoo": odoo,
        }
        schema = self.env["kpi.bi.schema"]
        run, left = "", SCRIPT + FUNCTIONS_SCRIPT
        if schema._has_attribute("rolsuper"):
            run, left = left, ""
        elif schema._may_make_roles():
            run, left = SCRIPT, FUNCTIONS_SCRIPT
        if run:
            cr.execute(SQL(run.format(**values).replace("%", "%%")))
            left = self._check_login()["harmful"] and left
        # Whose rows a login gets is the engine's.
        schema.sudo()._sweep_allowed()
        return {
            "default_login": self.login,
            "default_password": password,
            "default_is_made": bool(run),
            "default_script": left and left.format(**values),
        }


class KpiBiLoginShow(models.AbstractModel):
    """A login with its password, of which nothing is stored."""

    _name = "kpi.bi.login.show"
    _description = "Connector Password"

    id = fields.Id()  # the web client asks for it with the others
    login = fields.Char("User Name", readonly=True)
    password = fields.Char(readonly=True)
    is_made = fields.Boolean(readonly=True)  # programs can log in
    script = fields.Text(readonly=True)
