import json
import secrets

from odoo import api, models
from odoo.tools import SQL

KEPT_HOURS = 24
TOKEN_BYTES = 24  # of which a text of 32 characters is made


class KpiMcpCursor(models.AbstractModel):
    """Places in answers that were too long, by short texts that assistants send back.

    Sealed into the text itself, a place takes hundreds of characters, which a language
    model copies with mistakes and pays for twice.
    """

    _name = "kpi.mcp.cursor"
    _description = "Assistant Cursor"

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_mcp_cursor (
                token text PRIMARY KEY,
                user_id integer NOT NULL,
                question text NOT NULL,
                place jsonb NOT NULL,
                created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
            )
            """
        )

    @api.model
    def _store(self, question, place):
        """Text of a place in the answer to a question of this user.

        Stored on a connection that does not wait for the disk: reading answers as fast
        as REST does, and a place that a crash loses is found by asking again.

        :param question: digest of it
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self.env["kpi.api.counter"]._side_cursor() as cr:
            cr.execute(
                SQL(
                    "INSERT INTO kpi_mcp_cursor (token, user_id, question, place)"
                    " VALUES (%s, %s, %s, %s)",
                    token,
                    self.env.uid,
                    question,
                    json.dumps(place),
                )
            )
        return token

    @api.model
    def _find(self, question, token):
        """The place that a text names, None where it is none of this question."""
        rows = self.env.execute_query(
            SQL(
                "SELECT place FROM kpi_mcp_cursor"
                " WHERE token = %s AND user_id = %s AND question = %s",
                token,
                self.env.uid,
                question,
            )
        )
        return rows[0][0] if rows else None

    @api.autovacuum
    def _gc_cursors(self):
        self.env.cr.execute(
            SQL(
                "DELETE FROM kpi_mcp_cursor"
                " WHERE created_at < now() AT TIME ZONE 'UTC' - %s * interval '1 hour'",
                KEPT_HOURS,
            )
        )
