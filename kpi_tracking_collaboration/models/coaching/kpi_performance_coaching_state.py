import os

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

HR_MANAGER = "hr.group_hr_manager"
TEXTS = ("development_goals", "employee_response", "manager_feedback")
SALTED = (*TEXTS, "actions", "terms")
SIGNATURES = {"coach_signed_at": "coach_id", "employee_signed_at": "employee_id"}


class KpiPerformanceCoaching(models.Model):
    """How far a coaching is: a draft of the coach, shared, signed by both."""

    _inherit = "kpi.performance.coaching"

    state = fields.Selection(
        [("draft", "Draft"), ("shared", "Shared"), ("signed", "Signed")],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
    )
    shared_at = fields.Datetime("Shared On", readonly=True, copy=False)
    coach_signed_at = fields.Datetime("Signed by Coach", readonly=True, copy=False)
    employee_signed_at = fields.Datetime(
        "Signed by Employee", readonly=True, copy=False
    )
    erased_at = fields.Datetime("Erased On", readonly=True, copy=False)
    erased_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    salts = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)
    is_over = fields.Boolean(
        "Ended",
        compute="_compute_is_over",
        exportable=False,
        help="One of the two has left, or the texts were erased.",
    )

    @api.depends("coach_id.active", "employee_id.active", "erased_at")
    def _compute_is_over(self):
        for coaching in self:
            # Whether somebody has left is no secret.
            people = (coaching.coach_id | coaching.employee_id).sudo()
            has_left = not all(people.mapped("active"))
            coaching.is_over = has_left or bool(coaching.erased_at)

    def action_share(self):
        """Show the draft to the employee, and to HR managers."""
        self.check_access("write")
        for coaching in self:
            coaching._check_is_draft()
            if not (coaching.manager_feedback or coaching.development_goals):
                raise UserError(
                    self.env._("Write feedback or development goals first.")
                )
        # The right to was checked above, who may share is in ``write``.
        self.sudo().write(
            {
                "state": "shared",
                "shared_at": fields.Datetime.now(),
                "salts": {name: os.urandom(16).hex() for name in SALTED},
            }
        )
        self._log("coaching_shared")
        for coaching in self:
            coaching._notify(coaching.employee_id)
        return True

    def action_sign(self):
        """Sign as one of the two; with the second signature it is signed."""
        self.check_access("write")
        for coaching in self:
            name = coaching._get_own_signature()
            values = {name: fields.Datetime.now()}
            if all(coaching[other] for other in SIGNATURES if other != name):
                values["state"] = "signed"
            # The right to was checked above, who may sign is in ``write``.
            coaching.sudo().write(values)
            other = coaching.coach_id | coaching.employee_id
            coaching._notify(other - self.env.user)
        self._log("coaching_signed")
        return True

    def _get_own_signature(self):
        """The field that the user signs by.

        :raises AccessError: the user is none of the two
        """
        self.ensure_one()
        for name, person in SIGNATURES.items():
            if self[person] == self.env.user:
                return name
        raise AccessError(self.env._("Only the coach and the employee sign."))

    def action_erase(self):
        """Remove the texts for good; that it was done is logged."""
        if not self.env.user.has_group(HR_MANAGER):
            raise AccessError(self.env._("Only HR managers erase a coaching."))
        self.check_access("read")
        # HR managers read; erasing is all that they change.
        own = self.sudo()
        for coaching in own:
            coaching.write(coaching._prepare_erasure())
        own.action_ids.unlink()
        own._log_record("coaching_erased")
        return True

    def _prepare_erasure(self):
        """Values of a coaching whose texts were erased, with what could prove them."""
        return {
            **dict.fromkeys(TEXTS, False),
            "salts": {"terms": (self.salts or {}).get("terms", "")},
            "erased_at": fields.Datetime.now(),
            "erased_by_id": self.env.uid,
        }
