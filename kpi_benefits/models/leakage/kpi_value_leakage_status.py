from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

STATUSES = [
    ("identified", "Identified"),
    ("investigating", "Investigating"),
    ("mitigating", "Mitigating"),
    ("resolved", "Resolved"),
    ("accepted", "Accepted"),
]
# What may follow on what.
FOLLOWING = {
    "identified": {"investigating", "mitigating", "accepted"},
    "investigating": {"identified", "mitigating", "resolved", "accepted"},
    "mitigating": {"investigating", "resolved", "accepted"},
    "resolved": {"investigating"},
    "accepted": {"investigating"},
}
CLOSED = ("resolved", "accepted")


class KpiValueLeakage(models.Model):
    """Status of a leakage: what follows on what, and what has to be known by then."""

    _inherit = "kpi.value.leakage"

    status = fields.Selection(
        STATUSES,
        required=True,
        default="identified",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    acceptance_reason = fields.Text(
        copy=False, tracking=True, help="Why nothing is done about it."
    )
    closed_on = fields.Date(readonly=True, copy=False)
    is_open = fields.Boolean(
        compute="_compute_is_open", search="_search_is_open", exportable=False
    )

    @api.depends("status")
    def _compute_is_open(self):
        for leakage in self:
            leakage.is_open = leakage.status not in CLOSED

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("status", "not in" if True in value else "in", CLOSED)]

    @api.constrains(
        "status", "root_cause", "mitigation_plan", "action_items", "acceptance_reason"
    )
    def _check_status(self):
        for leakage in self:
            missing = leakage._find_missing()
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(leakage)s: %(missing)s",
                        leakage=leakage.name,
                        missing=missing,
                    )
                )

    def _find_missing(self):
        """Say what has to be known of a leakage of this status; empty: nothing."""
        if self.status == "mitigating" and not (
            self.action_items or _is_filled(self.mitigation_plan)
        ):
            return self.env._("enter a mitigation plan or an action first.")
        if self.status == "resolved" and not _is_filled(self.root_cause):
            return self.env._("enter its root cause first.")
        if self.status == "accepted" and not _is_filled(self.acceptance_reason):
            return self.env._("say first why it is accepted.")
        return ""

    def action_investigate(self):
        """Look into these leakages, again where they were closed."""
        self.status = "investigating"

    def action_mitigate(self):
        """Say that something is done about these leakages."""
        self.status = "mitigating"

    def action_resolve(self):
        """Say that no more value is lost by these leakages."""
        self.status = "resolved"

    def action_accept(self):
        """Say that nothing will be done about these leakages."""
        self.status = "accepted"

    @api.model
    def _check_new_status(self, vals_list):
        """Refuse leakages that begin anywhere but at the beginning."""
        # What a context proposes is stored as well.
        usual = self.default_get(["status"])["status"]
        if any(vals.get("status", usual) != "identified" for vals in vals_list):
            raise UserError(
                self.env._("A new leakage is identified first. Move it on from there.")
            )

    def _check_next_status(self, vals):
        """Refuse a status that cannot follow on the one they have.

        :raises UserError: naming both
        """
        status = vals.get("status")
        labels = dict(self._fields["status"]._description_selection(self.env))
        for leakage in self:
            is_next = status in {leakage.status, *FOLLOWING[leakage.status]}
            if status in labels and not is_next:
                raise UserError(
                    self.env._(
                        "%(leakage)s is “%(before)s” and cannot become “%(after)s”.",
                        leakage=leakage.name,
                        before=labels[leakage.status],
                        after=labels[status],
                    )
                )

    def _note_end(self):
        """Note since when these are closed; those that are open have no such day."""
        today = fields.Date.context_today(self)
        for leakage in self:
            closed_on = False if leakage.is_open else leakage.closed_on or today
            if leakage.closed_on != closed_on:
                # The right to the status was checked; the day is noted, not typed.
                leakage.sudo().closed_on = closed_on


def _is_filled(text):
    return bool((text or "").strip())
