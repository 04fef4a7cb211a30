import os
from pathlib import Path

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

from ...audit import AuditEvent, moment_text
from ...engine.audit import (
    Anchor,
    AnchorKey,
    AuditError,
    Frontier,
    consistency_proof,
    leaf_hash,
)
from ...engine.counts import say_count
from ...formatting import format_number
from ...repeat import repeat_late

BATCH = 10_000
MOST = 5 * BATCH  # entries up to the next anchor
KEY_OPTION, KEY_VARIABLE = "kpi_audit_key_file", "KPI_AUDIT_KEY_FILE"
FILE_OPTION, FILE_VARIABLE = "kpi_audit_anchor_file", "KPI_AUDIT_ANCHOR_FILE"
RECEIVERS = "kpi_base.kpi_base_group_anchor"


class KpiAuditAnchor(models.Model):
    """Signed root over all entries up to a moment, to be stored elsewhere.

    Whoever owns the database and the key can rewrite everything after the last anchor
    that somebody else holds, and nothing before it.
    """

    _name = "kpi.audit.anchor"
    _inherit = ["kpi.append.only.mixin"]
    _description = "Audit Anchor"
    _log_access = False
    _order = "size desc, id desc"
    _rec_name = "anchored_at"

    size = fields.Integer("Entries", required=True, readonly=True)
    root = fields.Char(required=True, readonly=True)
    anchored_at = fields.Datetime(required=True, readonly=True)
    is_signed = fields.Boolean("Signed", readonly=True)
    frontier = fields.Text(
        readonly=True,
    )
    text = fields.Text(
        required=True, readonly=True, help="Anchor line to store outside the database."
    )

    @api.model
    def _cron_anchor(self):
        """Anchor what has been logged since the last time, some of it at a time."""
        crons = self.env["ir.cron"]
        while repeat_late(self.env, self._anchor_next):
            if not crons._commit_progress(1, remaining=1):
                return
        crons._commit_progress(remaining=0)

    @api.model
    def _anchor_next(self):
        anchor = self._anchor()
        if anchor:
            anchor._export()
            anchor._mail()
        return anchor

    @api.model
    def _anchor(self):
        """Sign the root over the oldest entries; no anchor where none is new."""
        key = self._key()
        last = self.search([], limit=1)
        hashes = [bytes.fromhex(node) for node in (last.frontier or "").split()]
        frontier = Frontier(last.size, hashes)
        self._add_leaves(frontier)
        if frontier.size == last.size:
            return self.browse()
        now = fields.Datetime.now()
        # A name for this log; it stands in every anchor, so it is no secret.
        log = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        values = (log, frontier.size, frontier.root(), moment_text(now))
        anchor = key.sign_anchor(*values) if key else Anchor(*values)
        self._insert(
            [
                {
                    "size": anchor.size,
                    "root": anchor.root.hex(),
                    "anchored_at": now,
                    "is_signed": bool(key),
                    "frontier": " ".join(node.hex() for node in frontier.hashes),
                    "text": anchor.text(),
                }
            ]
        )
        return self.search([], limit=1)

    @api.model
    def _add_leaves(self, frontier):
        """Append entries without leaf to the tree, in the order of their ids."""
        most = frontier.size + MOST
        while frontier.size < most and (
            rows := self.env.execute_query(
                SQL(
                    """
                WITH unsealed AS (
                    SELECT log.id, log.hash,
                           row_number() OVER (ORDER BY log.id) AS place
                      FROM audit_logs AS log
                 LEFT JOIN kpi_audit_leaf AS leaf ON leaf.log_id = log.id
                     WHERE leaf.id IS NULL
                  ORDER BY log.id
                     LIMIT %(batch)s
                ),
                added AS (
                    INSERT INTO kpi_audit_leaf (leaf_index, log_id)
                    SELECT %(size)s + place - 1, id FROM unsealed
                )
                SELECT hash FROM unsealed ORDER BY place
                """,
                    size=frontier.size,
                    batch=BATCH,
                )
            )
        ):
            for (entry_hash,) in rows:
                frontier.append(leaf_hash(bytes.fromhex(entry_hash)))

    @api.model
    def _key(self):
        """The key to sign with, None where the server has none."""
        path = config.get(KEY_OPTION) or os.environ.get(KEY_VARIABLE)
        if not path:
            return None
        try:
            return AnchorKey(Path(path).read_bytes())
        except (OSError, AuditError) as error:
            raise UserError(
                self.env._(
                    "The key for signing audit anchors cannot be used: %s", error
                )
            ) from error

    def _export(self):
        """Add these anchors to the file that the server's owner has named.

        Once they are committed: an anchor that was rolled back would read as tampering.
        """
        path = config.get(FILE_OPTION) or os.environ.get(FILE_VARIABLE)
        if path:
            lines = [f"{anchor.text}\n" for anchor in self]
            self.env.cr.postcommit.add(lambda: _add_lines(Path(path), lines))

    def _mail(self):
        """Put this anchor into the outbox for all who have had none today."""
        self.ensure_one()
        day = fields.Date.today()
        receivers = self.env.ref(RECEIVERS).all_user_ids.filtered("active")
        keys = {f"audit-anchor:{day}:{user.id}": user for user in receivers}
        outbox = self.env["kpi.delivery"]
        notified = set(outbox.search([("key", "in", list(keys))]).mapped("key"))
        waiting = {key: user for key, user in keys.items() if key not in notified}
        if not waiting:
            return outbox
        # what verifying takes
        file = self.env["ir.attachment"].create(
            {
                "name": f"audit-anchor-{self.size}.txt",
                "raw": f"{self.text}\n".encode(),
                "mimetype": "text/plain",
                "res_model": "kpi.delivery",
            }
        )
        return outbox._queue(
            [
                {
                    "key": key,
                    "user_id": user.id,
                    "lane": "bulk",
                    "attachment_ids": file.ids,
                    **self.with_context(lang=user.lang, tz=user.tz)._mail_texts(),
                }
                for key, user in waiting.items()
            ]
        )

    def _mail_texts(self):
        """Subject and body, in the reader's language."""
        return {
            "subject": say_count(
                self.size,
                self.env._("Audit log: anchor of 1 entry"),
                self.env._("Audit log: anchor of %s entries"),
                format_number(self.env, self.size, 0),
            ),
            "body": Markup("<p>%s</p><p>%s</p>")
            % (
                self.env._(
                    "Store the attached file to check the log for changes later."
                ),
                self.env._(
                    "Verify the log with this file under KPIs → Configuration → "
                    "Technical → Audit Log → Verify Audit Log."
                ),
            ),
        }

    def _consistency(self, size):
        """Build the proof that the first ``size`` entries are still the first ones.

        :return: dict of ``first`` and ``second`` (numbers of entries), ``proof``
            (hexadecimal hashes as of RFC 9162, 2.1.4.1) and ``anchor``
        :raises UserError: this anchor has fewer entries
        """
        self.ensure_one()
        if not 1 <= size <= self.size:
            raise UserError(
                self.env._(
                    "Size %(size)s is out of range. Enter a size from 1 to %(last)s.",
                    size=size,
                    last=self.size,
                )
            )
        leaves = self.env["kpi.audit.log"]._leaf_hashes(self.size)
        return {
            "first": size,
            "second": self.size,
            "proof": [each.hex() for each in consistency_proof(leaves, size)],
            "anchor": self.text,
        }

    def action_download(self):
        """These anchors, or all, one per line."""
        ids = ",".join(map(str, self.ids))
        return {"type": "ir.actions.act_url", "url": f"/kpi/audit/anchors?ids={ids}"}


def _add_lines(path, lines):
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)


class KpiAuditLeaf(models.Model):
    """Position of an entry in the tree whose root is anchored outside the database."""

    _name = "kpi.audit.leaf"
    _inherit = ["kpi.append.only.mixin"]
    _description = "Anchored Audit Entry"
    _log_access = False
    _order = "leaf_index"
    _rec_name = "leaf_index"

    leaf_index = fields.Integer(required=True, readonly=True)
    log_id = fields.Many2one(
        "kpi.audit.log", required=True, readonly=True, ondelete="restrict"
    )

    _leaf_index_uniq = models.UniqueIndex(
        "(leaf_index)", "This leaf index is already in use."
    )
    _log_uniq = models.UniqueIndex("(log_id)", "This entry is already anchored.")


class KpiAuditHead(models.Model):
    """End of a record's chain, which the next entry links to.

    Moving it is what keeps two transactions from both adding the next entry.
    """

    _name = "kpi.audit.head"
    _description = "Audit Chain End"
    _log_access = False
    _rec_name = "model"

    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Record", model_field="model", required=True, readonly=True
    )
    seq = fields.Integer("Number of Entries", required=True, readonly=True)
    previous_hash = fields.Char(
        required=True,
        readonly=True,
    )
    hash = fields.Char(required=True, readonly=True)

    _chain_uniq = models.UniqueIndex(
        "(model, res_id)", "An audit chain can have only one end."
    )


class KpiAuditPersonal(models.Model):
    """Personal text of an entry, stored beside the chain so that it can be erased.

    The entry holds a commitment to it. Erased with its salt, the text can neither be
    read nor found out by trying, and the chain stays intact.
    """

    _name = "kpi.audit.personal"
    _description = "Personal Text of Audit Entry"
    _log_access = False

    log_id = fields.Many2one(
        "kpi.audit.log", required=True, readonly=True, ondelete="restrict", index=True
    )
    name = fields.Char(required=True, readonly=True)
    salt = fields.Char(required=True, readonly=True, groups="base.group_system")
    text = fields.Text(required=True, readonly=True)

    def _erase(self, reason):
        """Remove these texts for good, on the ground of ``reason``; that is logged."""
        events = [
            AuditEvent(
                self.env[entry.model].browse(entry.res_id),
                "audit_personal_erased",
                {"entry": entry.seq, "names": names.mapped("name"), "reason": reason},
            )
            for entry, names in self.grouped("log_id").items()
        ]
        self.unlink()
        self.env["kpi.audit.log"]._append(events)
