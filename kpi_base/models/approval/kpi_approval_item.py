from odoo import api, fields, models
from odoo.tools import SQL

from ...rights import look_up_once
from ...schemas.base import MAX_ID
from ..record.base import arrays_sql, find_heirs, name_heirs

CHANGED = "kpi_base.approvals_changed"
FIRST = 2**30  # ids of rows that are no steps
MOST = 100  # counted for the badge, which says “99+” then


class KpiApprovalItem(models.Model):
    """What waits for a decision of the user, of all kinds, in one list.

    Steps on which they are asked, and records of those ``kpi.approval.resolver`` that
    say which of theirs wait. Nobody is asked about these, and no row is stored: their
    content changes until somebody decides, and so does who may, with each deal that
    gets another manager.
    """

    _name = "kpi.approval.item"
    _description = "Pending Approval"
    _inherit = ["kpi.approval.step"]
    _auto = False
    _order = "asked_at, id"
    _depends = {"kpi.approval.step": ["asked_at", "due_at", "state", "user_id"]}

    kind = fields.Selection(
        lambda self: [
            (name, words)
            for name, words in name_heirs(self.env, "kpi.approval.resolver")
            if self.env[name] in self._list_kinds()
        ]
    )

    @property
    def _table_query(self):
        columns = {
            name: SQL(field.column_type[0])
            for name, field in self._fields.items()
            if field.store and field.column_type
        }
        steps = SQL(
            "SELECT %s FROM kpi_approval_step WHERE state = 'asked'",
            SQL(", ").join(map(SQL.identifier, columns)),
        )
        rows = look_up_once(self.env, "undecided", self._find_undecided)
        if not rows:
            return steps
        given = {name: [row[name] for row in rows] for name in rows[0]}
        shown = (
            SQL.identifier(name) if name in given else SQL("NULL::%s", kind)
            for name, kind in columns.items()
        )
        return SQL(
            "%s UNION ALL SELECT %s FROM unnest(%s) AS undecided (%s)",
            steps,
            SQL(", ").join(shown),
            arrays_sql(self, given),
            SQL(", ").join(map(SQL.identifier, given)),
        )

    @api.model
    def _find_undecided(self):
        """Rows of the records that nobody is asked about and the user may decide on."""
        rows, kinds = [], self._list_undecided_kinds()
        for place, kind in enumerate(kinds):
            # As the user: what they may not see is not there for them.
            own = kind.sudo(False)
            if not own.has_access("read"):
                continue
            found = own.search(own._get_undecided_domain())._find_decidable()
            waiting = own.union(*found)
            askers, since = waiting._get_approval_askers(), waiting._get_waiting_since()
            companies = waiting._get_approval_companies()
            rows += [
                {
                    # From ``FIRST`` on, as rows of steps have the ids of these.
                    "id": MAX_ID - record.id * len(kinds) - place,
                    "res_model": record._name,
                    "res_id": record.id,
                    "company_id": companies[record].id or None,
                    "submitter_id": askers[record].id,
                    "user_id": self.env.uid,
                    "for_user_id": absent.id or None,
                    "reason": "delegated" if absent else "named",
                    "level": 1,
                    "state": "asked",
                    "asked_at": since[record],
                }
                for record, absent in found.items()
            ]
        return rows

    @api.model
    def _list_undecided_kinds(self):
        """Empty recordsets of the models of which records wait without being asked."""
        documents = self.env.registry["kpi.approval.mixin"]
        return [
            kind
            for kind in find_heirs(self.env, "kpi.approval.resolver")
            if not isinstance(kind, documents)
            and not kind._get_undecided_domain().is_false()
        ]

    @api.model
    def _list_kinds(self):
        return super()._list_kinds() + self._list_undecided_kinds()

    @api.model
    @api.readonly
    def get_waiting_count(self):
        """Count what waits for the user, as far as the badge says it."""
        return self.search_count([("user_id", "=", self.env.uid)], limit=MOST)

    def action_approve(self):
        """Approve these; where one needs more than a yes, ask for it."""
        for record in self.exists()._find_seen_documents() if len(self) == 1 else ():
            dialog = record._open_approval_dialog()
            if dialog:
                return dialog
        dialogs = self.env["kpi.approval.decision"].with_context(
            active_model=self._name, active_ids=self.ids
        )
        return dialogs.create({"decision": "approve"})._decide_or_ask()

    @api.model
    def _announce(self, listeners):
        """Have the badges of people, or of the members of groups, count anew.

        Once per transaction and listener, without a word on what has changed.
        """
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = set()
            # Who hears it is not for whoever made the change to read.
            precommit.add(self.sudo()._send_changed)
        precommit.data[CHANGED].update((one._name, one.id) for one in listeners)

    @api.model
    def _send_changed(self):
        for model, id_ in sorted(self.env.cr.precommit.data.pop(CHANGED)):
            self.env[model].browse(id_)._bus_send(CHANGED, {})
