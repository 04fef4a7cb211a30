from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .kpi_post_implementation_review import STATUSES, TEXTS

BY_APPROVAL = {
    "none": "draft",
    "pending": "in_review",
    "approved": "approved",
    "rejected": "draft",
    "returned": "draft",
}
COPIED = ("title", *TEXTS)


class KpiPostImplementationReview(models.Model):
    """Status of a review, and its editions: what was published stays as it is."""

    _inherit = "kpi.post.implementation.review"

    status = fields.Selection(
        STATUSES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    published_at = fields.Datetime("Published", readonly=True, copy=False)
    edition = fields.Integer(readonly=True, default=1, copy=False, aggregator=None)
    previous_id = fields.Many2one(
        "kpi.post.implementation.review",
        "Earlier Edition",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    next_ids = fields.One2many(
        "kpi.post.implementation.review", "previous_id", readonly=True
    )
    is_latest = fields.Boolean(
        "Latest Edition",
        readonly=True,
        default=True,
        copy=False,
        help="No later edition is published.",
    )

    _previous_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "There is a newer edition already.",
    )

    def action_submit(self):
        """Submit these reviews: their figures are frozen, the reviewers are asked."""
        self.action_ask_approval()

    def action_withdraw(self):
        """Take these reviews back, as long as nobody has decided."""
        self.action_recall()

    def action_publish(self):
        """Publish what was approved: it stays as it is, its lessons are offered."""
        self.check_access("write")
        self._hold_approval()
        for review in self:
            if review.status != "approved":
                raise UserError(review._say_status())
        # The right to was checked above; only methods set the status.
        own = self.sudo()
        own._write_pending(
            {"status": "published", "published_at": fields.Datetime.now()}
        )
        own.previous_id._write_pending({"is_latest": False})
        self._log_record("review_published")

    def action_new_edition(self):
        """Begin a new edition with the texts of this one, and open it."""
        self.ensure_one()
        self.check_access("write")
        if self.status != "published" or self.next_ids:
            raise UserError(
                self.env._("A new edition is made of the latest one that is published.")
            )
        values = {
            **{name: self[name] for name in COPIED},
            "initiative_id": self.initiative_id.id,
            "lesson_ids": [
                Command.create(vals) for vals in self.lesson_ids.copy_data()
            ],
            "recommendation_ids": [
                Command.create(vals) for vals in self.recommendation_ids.copy_data()
            ],
        }
        if not self._is_of_owner(self.reviewer_id):
            values["reviewer_id"] = self.reviewer_id.id
        made = self.create(values)
        # Which edition it is nobody types; its number stays that of the first.
        made.sudo().write(
            {
                "edition": self.edition + 1,
                "number": self.number,
                "previous_id": self.id,
            }
        )
        return made._open_form()

    def action_open_return(self):
        """Open the dialog in which the reviewer says what is to be changed."""
        return self._open_decision("return")

    def action_open_rejection(self):
        """Open the dialog in which the reviewer says why it is rejected."""
        return self._open_decision("reject")

    def _open_decision(self, decision):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"kpi_base.kpi_approval_decision_action_{decision}"
        )
        steps = self._find_own_steps()
        return {
            **action,
            "context": {
                "default_decision": decision,
                "default_step_ids": steps.ids,
            },
        }

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _say_status(self):
        """Tell which status a review has, to who wants to do something else."""
        texts = {
            "draft": self.env._("%s is a draft.", self.display_name),
            "in_review": self.env._(
                "%s is in review and cannot be changed. Withdraw it first.",
                self.display_name,
            ),
            "approved": self.env._(
                "%s is approved and cannot be changed. Publish it.", self.display_name
            ),
            "published": self.env._(
                "%s is published and cannot be changed. Make a new edition.",
                self.display_name,
            ),
        }
        return texts[self.status]

    def _write_approval(self, vals):
        """Set the status with the state of the approval, and log what it is now."""
        if "approval_state" not in vals:
            return super()._write_approval(vals)
        status = BY_APPROVAL[vals["approval_state"]]
        result = super()._write_approval({**vals, "status": status})
        self._log_status(status)
        return result

    def _log_status(self, status):
        """Log these reviews; back in draft they can be anything."""
        names = {"in_review": "review_submitted", "approved": "review_approved"}
        self._log_record(names.get(status, "review_removed"))
