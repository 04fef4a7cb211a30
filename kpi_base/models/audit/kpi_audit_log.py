import gzip
import logging
import os
import secrets

from markupsafe import Markup
from psycopg2 import DataError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...audit import moment_text, moment_text_sql, parse_entry_values
from ...engine.audit import (
    GENESIS,
    AuditError,
    AuditFault,
    Entry,
    canonical_text,
    commitment,
    inclusion_proof,
    leaf_hash,
    parse_anchor,
    parse_hash,
    roots_at,
    verify_chain,
)
from ...engine.audit.chain import HASH_VERSION
from ...engine.audit.export import export_lines
from ...engine.counts import say_count
from ...engine.whole_name import is_part
from ...repeat import repeat_late
from ...tell import tell
from ..record.base import find_heirs

_logger = logging.getLogger(__name__)
MOST_NAMED = 20
BATCH = 10_000


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
    _rec_name = "title"
    _rec_names_search = ["event_type"]

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
    title = fields.Char("Event", compute="_compute_title", exportable=False)

    _chain_uniq = models.UniqueIndex(
        "(model, res_id, seq)", "This chain position is already in use."
    )

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION kpi_audit_link(
                state varchar, start varchar, entry text) RETURNS varchar
                   LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
                AS $$ BEGIN RETURN encode(sha256(decode(coalesce(state, start), 'hex')
                           || convert_to(entry, 'UTF8')), 'hex'); END $$;
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
        drafts = [self._draft(event, moment_text(now)) for event in events]
        rows = self.env.execute_query(self._append_statement(events, drafts, now))
        entries = self.browse(entry_id for (entry_id,) in rows)
        # Whoever causes an event logs what is personal about it; few may read that.
        self.env["kpi.audit.personal"].sudo().create(
            [
                {"log_id": entry.id, "name": name, "salt": salt.hex(), "text": text}
                for entry, (_text, secrets) in zip(entries, drafts, strict=True)
                for name, salt, text in secrets
            ]
        )
        return entries

    @api.model
    def _draft(self, event, recorded_at):
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
            "recorded_at": recorded_at,
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
    def _event_labels(self):
        """Code of an event → its words; before them, those of code and status."""
        return {
            "audit_personal_erased": self.env._("Personal text erased"),
            "approval_requested": self.env._("Approval requested"),
            "approval_automatic": self.env._("Approved automatically"),
            "approval_approved": self.env._("Approved"),
            "approval_rejected": self.env._("Rejected"),
            "approval_returned": self.env._("Sent back"),
            "approval_forwarded": self.env._("Forwarded"),
            "approval_replaced": self.env._("Approver replaced"),
            "approval_escalated": self.env._("Escalated"),
            "approval_recalled": self.env._("Recalled"),
            "approval_seconded": self.env._("Also proposed"),
            "approval_changed": self.env._("Changed while waiting for approval"),
        }

    @api.model
    def _select_events(self):
        """Labels of all codes, and the codes of addons that are gone."""
        labels = self._event_labels()
        known = {code: label for code, label in labels.items() if " " not in code}
        unknown = self._find_codes("event_type") - known.keys()
        return [*known.items(), *((code, code) for code in sorted(unknown))]

    @api.model
    def _select_models(self):
        # What a kind of records is called is no secret.
        kinds = self.env["ir.model"].sudo()
        names = sorted(self._find_codes("model"))
        return [(name, kinds._get(name).name or name) for name in names]

    @api.model
    def _find_codes(self, name):
        """The values of an indexed column, each looked up once."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE code AS (
                    SELECT min(%(column)s) AS code FROM audit_logs
                     UNION ALL
                    SELECT (SELECT min(%(column)s) FROM audit_logs
                             WHERE %(column)s > code.code)
                      FROM code
                     WHERE code.code IS NOT NULL
                )
                SELECT code FROM code WHERE code IS NOT NULL
                """,
                column=SQL.identifier(name),
            )
        )
        return {code for (code,) in rows}

    @api.depends("event_type", "text")
    @api.depends_context("lang")
    def _compute_title(self):
        labels = self._event_labels()
        for entry in self:
            status = parse_entry_values(entry.text).get("status")
            entry.title = (
                labels.get(f"{entry.event_type} {status}")
                or labels.get(entry.event_type)
                or entry.event_type
            )

    @api.model
    def _get_name_part_domain(self, paths, text):
        """Also what is called by what came of it, such as an approval."""
        codes = {
            code.partition(" ")[0]
            for code, label in self._event_labels().items()
            if is_part(text.lower(), label.lower())
        }
        found = super()._get_name_part_domain(paths, text)
        return found | Domain("event_type", "in", sorted(codes))

    @api.model
    def _verify(self, records=None, anchor_texts=()):
        """Faults of the log, or of the chains of ``records``; none if it is intact.

        One statement says whether all chains are intact; where they are not, a second
        one finds which, and only those are looked at entry by entry. What was cut off
        or rewritten after the last anchor that somebody else holds, together with the
        ends of its chains, cannot be found.

        :param anchor_texts: anchors stored outside, beside those of the database
        :return: list of ``AuditFault``
        """
        if records is not None:
            chains = records._name, records.ids
            return self._chain_faults(*chains) + self._row_faults(*chains)
        kept = self.env["kpi.audit.anchor"].search([("size", ">", 0)]).mapped("text")
        anchors = [parse_anchor(text) for text in {*kept, *anchor_texts}]
        sizes = {anchor.size for anchor in anchors}
        roots = roots_at(self._leaves(max(sizes, default=0)), sizes)
        return (
            self._chain_faults()
            + self._row_faults()
            + [
                AuditFault("anchor", "", 0, anchor.size)
                for anchor in sorted(anchors, key=lambda each: each.size)
                if roots.get(anchor.size) != anchor.root
                or (anchor.signature and not anchor.is_signed_by(anchor.public_key))
            ]
        )

    @api.model
    def _chain_faults(self, model=None, ids=()):
        """Faults of all chains, or of those of ``ids``, also where these are gone."""
        only = SQL("TRUE")
        if model:
            only = SQL("model = %s AND res_id = ANY(%s)", model, list(ids))
        try:
            with self.env.cr.savepoint(flush=False):
                # Of all at once, which is faster; then which they are.
                of_all = SQL("''::varchar AS model, 0 AS res_id")
                broken = self._compare_links(of_all, only)
                if broken:
                    broken = self._compare_links(SQL("model, res_id"), only)
        except DataError:
            broken = self.env.execute_query(
                SQL(
                    """
                SELECT DISTINCT model, res_id
                  FROM audit_logs
                 WHERE %s AND previous_hash !~ '^([0-9a-f]{2})*$'
              ORDER BY 1, 2
                """,
                    only,
                )
            )
        return [fault for chain in broken for fault in self._faults_of(*chain)]

    @api.model
    def _compare_links(self, chain, only):
        """Find chains in which an entry does not give its hash, or does not follow the
        one before it, up to the separately stored end.

        Nothing is sorted: in intact chains, what entries say of themselves (position,
        hash) is what others say of them: the next entry, or the end. Each such pair
        becomes a number, and the sums of both sides are compared. The numbers depend on
        a key drawn anew each time, so nobody can look for changes that add up to
        nothing; one that does by chance is one in 2^64.

        The hash is written out, as a function of SQL is called for each row.

        :param chain: SQL of the columns ``model`` and ``res_id`` that tell chains apart
        :param only: SQL of which chains
        :return: list of pairs of them
        :raises DataError: a hash is none
        """
        key = secrets.randbits(63)

        def links_sum_sql(position, entry_hash):
            """SQL of the sum of the numbers; exact, as PostgreSQL's sums are."""
            return SQL(
                """
                coalesce(sum(hashtextextended(concat_ws(',', model, res_id, %s, %s),
                                              %s)), 0)
                """,
                position,
                entry_hash,
                key,
            )

        return self.env.execute_query(
            SQL(
                """
                WITH entries AS (
                    SELECT %(chain)s,
                           count(*) FILTER (WHERE (
                               starts_with(text, %(columns)s)
                               AND hash = encode(sha256(decode(previous_hash, 'hex')
                                   || convert_to(text, 'UTF8')), 'hex')
                           ) IS NOT TRUE) AS unsound,
                           %(own)s AS own, %(before)s AS before
                      FROM audit_logs AS log
                     WHERE %(only)s
                  GROUP BY 1, 2
                ),
                ends AS (
                    SELECT %(chain)s, %(own)s AS own, %(start)s AS start
                      FROM kpi_audit_head
                     WHERE %(only)s
                  GROUP BY 1, 2
                )
                SELECT model, res_id
                  FROM entries
             FULL JOIN ends USING (model, res_id)
                 WHERE (unsound = 0
                        AND entries.own + ends.start = entries.before + ends.own)
                       IS NOT TRUE
              ORDER BY 1, 2
                """,
                chain=chain,
                columns=columns_text(SQL("log.user_id")),
                only=only,
                own=links_sum_sql(SQL("seq"), SQL("hash")),
                before=links_sum_sql(SQL("seq - 1"), SQL("previous_hash")),
                start=links_sum_sql(SQL("0"), SQL("%s", GENESIS.hex())),
            )
        )

    @api.model
    def _faults_of(self, model, res_id):
        """The faults of one chain, named by their positions."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT seq, coalesce(text, ''), previous_hash, hash,
                       starts_with(text, %(columns)s)
                  FROM audit_logs AS log
                 WHERE model = %(model)s AND res_id = %(res_id)s
              ORDER BY seq
                """,
                model=model,
                res_id=res_id,
                columns=columns_text(SQL("log.user_id")),
            )
        )
        entries = [
            Entry(seq, text, parse_hash(previous), parse_hash(found))
            for seq, text, previous, found, _is_same in rows
        ]
        head = self.env.execute_query(
            SQL(
                "SELECT seq, hash FROM kpi_audit_head WHERE model = %s AND res_id = %s",
                model,
                res_id,
            )
        )
        # A chain whose end was removed: all that is left is too much.
        count, last_hash = head[0] if head else (0, GENESIS.hex())
        faults = verify_chain((model, res_id), entries, count, parse_hash(last_hash))
        return [*faults] + [
            AuditFault("columns", model, res_id, seq)
            for seq, *_entry, is_same in rows
            if not is_same
        ]

    @api.model
    def _leaves(self, size):
        """(position, hash) of the anchored entries, batch by batch."""
        for start in range(0, size, BATCH):
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT leaf.leaf_index, log.hash
                      FROM kpi_audit_leaf AS leaf
                      JOIN audit_logs AS log ON log.id = leaf.log_id
                     WHERE leaf.leaf_index >= %s AND leaf.leaf_index < %s
                  ORDER BY leaf.leaf_index
                    """,
                    start,
                    min(start + BATCH, size),
                )
            )
            for position, entry_hash in rows:
                yield position, parse_hash(entry_hash)

    def _leaf_hashes(self, size):
        """Hashes of the tree's first ``size`` leaves."""
        return [leaf_hash(found) for _place, found in self._leaves(size)]

    def _inclusion(self):
        """Build the proof that this entry is among those of the latest anchor.

        :return: dict of ``text`` and ``previous_hash`` of the entry, ``leaf_index``,
            ``proof`` (hexadecimal hashes as of RFC 9162, 2.1.3.1) and ``anchor``
        :raises UserError: it was not anchored yet
        """
        self.ensure_one()
        leaf = self.env["kpi.audit.leaf"].search([("log_id", "=", self.id)])
        anchor = self.env["kpi.audit.anchor"].search([], limit=1)
        if not leaf or leaf.leaf_index >= anchor.size:
            raise UserError(
                self.env._("This entry is not anchored yet. Try again in an hour.")
            )
        proof = inclusion_proof(self._leaf_hashes(anchor.size), leaf.leaf_index)
        return {
            "text": self.text,
            "previous_hash": self.previous_hash,
            "leaf_index": leaf.leaf_index,
            "proof": [each.hex() for each in proof],
            "anchor": anchor.text,
        }

    @api.model
    def _row_faults(self, model=None, ids=()):
        """Rows that differ from their entries, of all records or of ``ids``.

        One statement for each kind of rows, which reads both sides as they lie and
        gives back what differs: memory is bounded, whatever their number.
        """
        found = []
        for rows in find_heirs(self.env, "kpi.audited.row.mixin"):
            if model not in (None, rows._audited_model):
                continue
            rows.flush_model()
            found += [
                AuditFault(
                    "row",
                    rows._audited_model,
                    res_id,
                    seq,
                    row=(rows._name, row_id),
                    about=(rows._audited_about, about_id) if about_id else None,
                )
                for res_id, seq, row_id, about_id in rows._find_audited_faults(
                    _only(model, ids)
                )
            ]
        return found + self._personal_faults(model, ids)

    @api.model
    def _personal_faults(self, model, ids):
        """Personal texts that are not those to which their entries are bound."""
        only = SQL("TRUE")
        if model:
            only = SQL("log.model = %s AND log.res_id = ANY(%s)", model, list(ids))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT log.model, log.res_id, log.seq
                  FROM kpi_audit_personal AS personal
                  JOIN audit_logs AS log ON log.id = personal.log_id
                 WHERE %s
                   AND strpos(log.text,
                              to_json(personal.name) || ':"' || encode(sha256(
                                  decode(personal.salt, 'hex')
                                  || convert_to(personal.text, 'UTF8')), 'hex')
                              || '"') = 0
              ORDER BY 1, 2, 3
                """,
                only,
            )
        )
        return [AuditFault("personal", *row) for row in rows]

    @api.model
    def _prepare_verification(self, model=None, res_id=None):
        """Verify the chain of one record, or all: whether it is intact, and faults.

        :return: dict of ``is_whole``, ``entry_count``, ``anchored_count``, ``faults``
        """
        if model:
            chain = model, [res_id]
            found = self._chain_faults(*chain) + self._row_faults(*chain)
            domain = Domain("model", "=", model) & Domain("res_id", "=", res_id)
        else:
            found, domain = self._verify(), Domain.TRUE
        return {
            "is_whole": not found,
            "entry_count": self.search_count(domain),
            "anchored_count": self.env["kpi.audit.anchor"].search([], limit=1).size,
            "faults": [
                {
                    "kind": fault.kind,
                    "model": fault.model,
                    "res_id": fault.res_id,
                    "seq": fault.seq,
                    "text": self._fault_text(fault),
                }
                for fault in found
            ],
        }

    @api.model
    def _cron_verify(self):
        faults = self._verify()
        if not faults:
            return
        for fault in faults[:MOST_NAMED]:
            _logger.error("Audit log: %s", fault)
        repeat_late(self.env, self._tell_administrators, faults)

    @api.model
    def _tell_administrators(self, faults):
        """Queue a mail to administrators, one a day however often the same is found."""
        day, named = fields.Date.today(), faults[:MOST_NAMED]
        for user in self.env.ref("base.group_system").all_user_ids.filtered("active"):
            own = self.with_context(lang=user.lang)
            texts = [Markup("<li>%s</li>") % own._fault_text(fault) for fault in named]
            subject = say_count(
                len(faults),
                own.env._("Audit log changed: 1 problem found"),
                own.env._("Audit log changed: %s problems found"),
            )
            body = Markup("<p>%s</p><ul>%s</ul>") % (
                own.env._("These entries were changed:"),
                Markup("").join(texts),
            )
            tell(self, user, subject, body, moment=day)

    @api.model
    def _fault_text(self, fault):
        """A sentence that names the entry or the anchor concerned."""
        if fault.kind == "anchor":
            return self.env._(
                "The first %s anchored entries do not match the anchor, or its "
                "signature is invalid.",
                fault.seq,
            )
        model, text = self._model_text(fault.model), self._describe_fault(fault)
        names = {"model": model, "id": fault.res_id, "seq": fault.seq, "fault": text}
        if fault.seq:
            return self.env._("%(model)s %(id)s, entry %(seq)s: %(fault)s", **names)
        return self.env._("%(model)s %(id)s: %(fault)s", **names)

    @api.model
    def _describe_fault(self, fault):
        """What is wrong with an entry, to be read behind its position."""
        texts = {
            "changed": self.env._("its text was changed."),
            "columns": self.env._("a column differs from the entry's text."),
            "missing": self.env._("it is missing."),
            "reordered": self.env._("it does not follow the previous entry."),
            "truncated": self.env._("entries at the end are missing."),
            "head": self.env._("it does not match the stored end of the chain."),
            "row": self._row_fault_text(fault),
            "personal": self.env._("its personal text was changed."),
        }
        return texts[fault.kind]

    @api.model
    def _row_fault_text(self, fault):
        """Describe a fault of a row beside the log and name the row; nothing else."""
        if not fault.row:
            return ""
        row, row_id = fault.row
        names = {"row": self._model_text(row), "id": row_id}
        if fault.about:
            about, about_id = fault.about
            names["row"] = f"{self._model_text(about)} {about_id}, {names['row']}"
        if not row_id:
            return self.env._("%(row)s is missing.", **names)
        if not fault.seq:
            return self.env._("%(row)s %(id)s has no log entry.", **names)
        return self.env._("%(row)s %(id)s differs from its log entry.", **names)

    @api.model
    def _model_text(self, model):
        return self.env[model]._description if model in self.env else model

    @api.model
    def _export_log(self):
        """The entire log, compressed, in parts of bounded size.

        :return: iterator of ``bytes`` that follow each other in a file ``.jsonl.gz``
        """
        last = 0
        while rows := self.env.execute_query(
            SQL(
                """
                SELECT log.id, log.seq, log.previous_hash, log.hash, log.text,
                       leaf.leaf_index
                  FROM audit_logs AS log
             LEFT JOIN kpi_audit_leaf AS leaf ON leaf.log_id = log.id
                 WHERE log.id > %s
              ORDER BY log.id
                 LIMIT %s
                """,
                last,
                BATCH,
            )
        ):
            last = rows[-1][0]
            lines = export_lines(row[1:] for row in rows)
            yield gzip.compress("".join(lines).encode())


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


def _only(model, ids):
    """Function of a column: SQL of whether it is among ``ids``, or anything."""
    if model is None:
        return lambda _column: SQL("TRUE")
    return lambda column: SQL("%s = ANY(%s)", column, list(ids))
