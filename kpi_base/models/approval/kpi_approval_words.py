from odoo import api, models
from odoo.tools import SQL, format_list

from ...audit import AuditEvent

MOST_NAMED = 3


class KpiApprovalMixin(models.AbstractModel):
    """Approvals in words: on the screen, in the audit log and on the timeline."""

    _inherit = "kpi.approval.mixin"

    def _say_approval_state(self):
        """Why nobody can decide on this document now, and who did."""
        self.ensure_one()
        last = self._find_last_decision()
        names = {"document": self.display_name, "person": last.user_id.name}
        if last and self.approval_state == "approved":
            return self.env._("%(document)s was approved by %(person)s.", **names)
        if last and self.approval_state == "rejected":
            return self.env._("%(document)s was rejected by %(person)s.", **names)
        if last and self.approval_state == "returned":
            return self.env._("%(document)s was sent back by %(person)s.", **names)
        if self.approval_state == "approved":
            return self.env._("%s was approved automatically.", self.display_name)
        if self.approval_state == "pending":
            return self.env._("%s waits for approval already.", self.display_name)
        return self.env._("%s does not wait for approval.", self.display_name)

    def _find_last_decision(self):
        """The step that was decided on last; empty if none was.

        Steps of those who are asked in place of others come after those of later
        levels.
        """
        self.ensure_one()
        decided = self._find_steps("approved", "rejected", "returned")
        return decided.sorted(
            lambda step: (step.round, step.level, step.decided_at, step.id)
        )[-1:]

    def _say_who_decides(self):
        """Whose decision this document waits for, as others cannot decide."""
        self.ensure_one()
        names = self._find_steps("asked").user_id[:MOST_NAMED].mapped("name")
        words = {"document": self.display_name, "people": ", ".join(names)}
        if self._get_approval_submitters()[self] == self.env.user:
            return self.env._(
                "%(document)s: you cannot approve your own. Ask %(people)s.", **words
            )
        return self.env._("%(document)s waits for %(people)s.", **words)

    def _say_approvers(self):
        """Say who would be asked about these documents, stored or not.

        :return: dict document → sentence; those that nobody has to approve, as no
            workflow fits or they change little, are left out
        """
        workflows = self._find_approval_workflows()
        asked = self.filtered(lambda one: one in workflows)
        said = {}
        for workflow, documents in asked.grouped(workflows.get).items():
            documents -= documents._filter_small(workflow)
            for document, levels in documents._find_approval_seats(workflow).items():
                said[document] = self._say_levels(levels)
        return said

    @api.model
    def _say_levels(self, levels):
        """:param levels: triples (level, needed, seats)"""
        users = self.env["res.users"]
        people = [
            self._name_people(
                [users.browse(seat.person).name for seat in seats], needed
            )
            for _level, needed, seats in levels
        ]
        if not levels:
            return ""
        if not all(people):
            return self.env._("Nobody can approve this value now.")
        text, *later = people
        for names in later:
            text = self.env._("%(first)s, then by %(next)s", first=text, next=names)
        return self.env._("To be approved by %s.", text)

    @api.model
    def _name_people(self, names, needed):
        """People one of whom decides, or as many as are needed."""
        names = list(dict.fromkeys(names))
        more = len(names) - MOST_NAMED
        if more > 1:
            others = self.env._("%s others", more)
            names = [*names[:MOST_NAMED], others]
        style = "standard" if needed > 1 else "or"
        return format_list(self.env, names, style)

    def _say_asked_anew(self, refused):
        """A notification on documents that nothing was decided on.

        :param refused: dict document → why
        """
        names = [one.display_name or one._description for one in refused]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": ", ".join(names[:MOST_NAMED]),
                "message": next(iter(refused.values())),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _log_approval(self, what, values_of, comment=""):
        """Log what happened to each, in a constant number of statements.

        :param values_of: function of a document: what its entry says
        :param comment: personal text of who did it
        """
        personal = {"comment": comment} if comment else {}
        self.env["kpi.audit.log"]._append(
            [
                AuditEvent(document, f"approval_{what}", values_of(document), personal)
                for document in self
            ]
        )

    def _timeline_selects(self):
        return [
            *super()._timeline_selects(),
            SQL(
                """
                SELECT 'approval', id, id, user_id, recorded_at, recorded_at, NULL::int,
                       text::jsonb -> 'values'
                       || jsonb_build_object('event', event_type)
                  FROM audit_logs
                 WHERE model = %s
                   AND res_id = %s
                   AND starts_with(event_type, 'approval_')
                """,
                self._name,
                self.id,
            ),
        ]

    def _timeline_approval(self, rows):
        labels = self.env["kpi.audit.log"]._event_labels()
        for row in rows:
            details = row["details"]
            yield {
                "title": labels[details["event"]],
                "lines": list(self._say_approval_details(details)),
            }

    def _say_approval_details(self, details):
        people = self.env["res.users"].browse(details.get("asked", ()))
        if people:
            yield self.env._("Asked: %s", ", ".join(people.mapped("name")))
        if details.get("in_place_of"):
            absent = self.env["res.users"].browse(details["in_place_of"])
            yield self.env._("In place of %s", ", ".join(absent.mapped("name")))
