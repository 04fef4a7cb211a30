import os

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...audit import moment_text, moment_text_sql
from ...engine.audit import GENESIS, AuditError, canonical_text, commitment
from ...engine.audit.chain import HASH_VERSION


class KpiAuditLog(models.Model):
    """Entry on what happened to a record, in a chain of hashes of that record.

    The text of an entry is all there is to it; the other columns repeat parts of it to
    search by, and are compared with it when the log is verified.
    """

    _name = "kpi.audit.log"
    _inherit = ["kpi.append.only.mixin"]
    _description = "Audit Log"
    _table = "audit_logs"
    _order = "id desc"
    _log_access = False

    model = fields.Selection(
        "_select_models", "Record Type", required=True, readonly=True
    )
    res_id = fields.Many2oneReference(
        "Record", model_field="model", required=True, readonly=True
    )
    seq = fields.Integer("Entry No.", required=True, readonly=True)
    event_type = fields.Selection(
        "_select_events", required=True, readonly=True, index=True
    )
    recorded_at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    hash_version = fields.Integer(required=True, readonly=True)
    text = fields.Text(required=True, readonly=True)
    previous_hash = fields.Char(required=True, readonly=True)
    hash = fields.Char(required=True, readonly=True)

    _chain_uniq = models.UniqueIndex(
        "(model, res_id, seq)", "This position in the chain is already in use."
    )

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION kpi_audit_link(
                state varchar, start varchar, entry text) RETURNS varchar
                   LANGUAGE sql IMMUTABLE PARALLEL SAFE
                AS $$ SELECT encode(sha256(decode(coalesce(state, start), 'hex')
                                           || convert_to(entry, 'UTF8')), 'hex') $$;
            CREATE OR REPLACE AGGREGATE kpi_audit_chain(varchar, text) (
                sfunc = kpi_audit_link, stype = varchar);
            """
        )
        return super().init()

    @api.model
    def _append(self, events):
        """Log ``events``, each at the end of its record's chain.

        One statement, whatever their number: it moves the head of each chain once, and
        hashes on from there. PostgreSQL refuses a transaction that appends to a chain
        which another one has moved meanwhile, and Odoo runs it again by itself: a chain
        cannot fork.

        :param events: list of ``AuditEvent``
        :return: the new entries, in the order of the events
        :raises ValidationError: values without a canonical form, naming where
        """
        if not events:
            return self.browse()
        now = fields.Datetime.now()
        drafts = [self._draft(event, now) for event in events]
        rows = self.env.execute_query(self._append_statement(events, drafts, now))
        entries = self.browse(entry_id for (entry_id,) in rows)
        self._keep_personal(entries, [secrets for _text, secrets in drafts])
        return entries

    @api.model
    def _draft(self, event, now):
        """Canonical text of an event, and what is stored apart from it."""
        secrets = [
            (name, os.urandom(16), text) for name, text in event.personal.items()
        ]
        event.record.ensure_one()
        # In the order of the names, what the columns repeat comes first: comparing it
        # needs no parsing. See ``_verify``.
        members = {
            "event_type": event.event_type,
            "hash_version": HASH_VERSION,
            "model": event.record._name,
            "recorded_at": moment_text(now),
            "res_id": event.record.id,
            "user_id": self.env.uid,
            "values": event.values,
            "withheld": {name: commitment(salt, text) for name, salt, text in secrets},
        }
        try:
            return canonical_text(members), secrets
        except AuditError as error:
            raise ValidationError(
                self.env._(
                    "%(event)s cannot be logged: %(reason)s",
                    event=event.event_type,
                    reason=str(error),
                )
            ) from error

    @api.model
    def _append_statement(self, events, drafts, now):
        return SQL(
            """
            WITH incoming AS MATERIALIZED (
                SELECT given.*,
                       row_number() OVER (
                           PARTITION BY model, res_id ORDER BY place) AS step
                  FROM unnest(%(models)s::varchar[], %(ids)s::integer[],
                              %(types)s::varchar[], %(texts)s::text[])
                       WITH ORDINALITY
                       AS given (model, res_id, event_type, text, place)
            ),
            head AS (
                INSERT INTO kpi_audit_head AS head
                       (model, res_id, seq, previous_hash, hash)
                SELECT model, res_id, count(*), %(genesis)s,
                       kpi_audit_chain(%(genesis)s, text ORDER BY place)
                  FROM incoming
              GROUP BY model, res_id
              ORDER BY model, res_id
                    ON CONFLICT (model, res_id) DO UPDATE
                   SET seq = head.seq + excluded.seq,
                       previous_hash = head.hash,
                       hash = (
                           SELECT kpi_audit_chain(head.hash, text ORDER BY place)
                             FROM incoming
                            WHERE (incoming.model, incoming.res_id)
                                  = (head.model, head.res_id))
             RETURNING model, res_id, seq, previous_hash
            ),
            linked AS (
                SELECT incoming.*, head.previous_hash AS start,
                       head.seq - count(*) OVER (
                           PARTITION BY model, res_id) + step AS seq,
                       kpi_audit_chain(head.previous_hash, text) OVER (
                           PARTITION BY model, res_id ORDER BY place) AS hash
                  FROM incoming
                  JOIN head USING (model, res_id)
            )
            INSERT INTO audit_logs
                   (model, res_id, seq, event_type, recorded_at, user_id,
                    hash_version, text, previous_hash, hash)
            SELECT model, res_id, seq, event_type, %(now)s, %(user)s, %(version)s, text,
                   coalesce(lag(hash) OVER (
                       PARTITION BY model, res_id ORDER BY place), start),
                   hash
              FROM linked
          ORDER BY place
            RETURNING id
            """,
            models=[event.record._name for event in events],
            ids=[event.record.id for event in events],
            types=[event.event_type for event in events],
            texts=[text for text, _secrets in drafts],
            genesis=GENESIS.hex(),
            now=now,
            user=self.env.uid,
            version=HASH_VERSION,
        )

    @api.model
    def _keep_personal(self, entries, secrets_of):
        rows = [
            {"log_id": entry.id, "name": name, "salt": salt.hex(), "text": text}
            for entry, secrets in zip(entries, secrets_of, strict=True)
            for name, salt, text in secrets
        ]
        # Whoever causes an event logs what is personal about it; few may read that.
        self.env["kpi.audit.personal"].sudo().create(rows)


def columns_text(user: SQL) -> SQL:
    """SQL of how the text of the entry ``log`` begins, made from its columns.

    :param user: whose entry it is
    """
    return SQL(
        """
        '{"event_type":"' || log.event_type || '","hash_version":' || log.hash_version
        || ',"model":"' || log.model || '","recorded_at":"' || %s || '","res_id":'
        || log.res_id || ',"user_id":' || %s || ',"values":'
        """,
        moment_text_sql(SQL("log.recorded_at")),
        user,
    )
