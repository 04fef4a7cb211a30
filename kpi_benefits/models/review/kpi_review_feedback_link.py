import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize
from odoo.tools.misc import hmac

from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.link_token import token_hash
from odoo.addons.kpi_base.engine.message import Action, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped

PATH = "/kpi/benefits/feedback"
SCOPE = "kpi_review_feedback"
MOST_DAYS = 366
MOST_ANSWERS = 200  # by one link
OPEN = ("draft", "in_review")


class KpiReviewFeedbackLink(models.Model):
    """A link by which stakeholders answer, until a day or until somebody revokes it.

    Its text is computed with the secret of the database when it is shown or mailed, and
    stored nowhere: what is stored is its hash.
    """

    _name = "kpi.review.feedback.link"
    _description = "Feedback Link"
    _inherit = ["kpi.review.row.mixin", "kpi.readonly.mixin", "kpi.link.mixin"]
    _order = "id desc"
    _link_path = PATH
    _visits_per_minute = 60

    name = fields.Char("Sent To", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Created By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    nonce = fields.Char(
        required=True, readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    answer_count = fields.Integer(
        "Answers", compute="_compute_answer_count", compute_sudo=True, exportable=False
    )

    def _compute_answer_count(self):
        counts = dict(
            self.env["kpi.review.feedback"]._read_group(
                [("link_id", "in", self.ids)], ["link_id"], ["__count"]
            )
        )
        for link in self:
            link.answer_count = counts.get(link, 0)

    @api.model
    def _generate(self, review, *, expires_on, names=("",)):
        """New links to answer about ``review``, one for each of ``names``."""
        review.check_access("write")
        if review.status not in OPEN:
            raise UserError(review._say_status())
        today = fields.Date.context_today(self)
        if not today <= expires_on <= today + timedelta(days=MOST_DAYS):
            raise UserError(
                self.env._(
                    "Links are valid for one year at most. Choose an earlier date."
                )
            )
        nonces = [secrets.token_hex(16) for _name in names]
        # Links are made here only, always for the user at work.
        made = self.sudo().create(
            [
                {
                    "review_id": review.id,
                    "name": name,
                    "user_id": self.env.uid,
                    "expires_on": expires_on,
                    "nonce": nonce,
                    "token_hash": token_hash(self._sign(nonce)),
                }
                for name, nonce in zip(names, nonces, strict=True)
            ]
        )
        made._log("feedback_link_made", expires_on=str(expires_on))
        return made.sudo(False)

    @api.model
    def _sign(self, nonce):
        # The secret of the database signs; nobody gets to see it.
        return hmac(self.sudo().env, SCOPE, nonce)

    def _get_address(self):
        """The address of the link, for who may change its review."""
        # The text is made of what nobody reads.
        return self._get_link(self._sign(self.sudo().nonce))

    def _get_maker_today(self):
        # What time it is where somebody works is no secret.
        tz = self.sudo().user_id.tz
        return fields.Date.context_today(self.with_context(tz=tz or "UTC"))

    def _is_open(self):
        """Whether answers are wanted still."""
        return super()._is_open() and self.review_id.status in OPEN

    def _log(self, event, **values):
        self.env["kpi.audit.log"]._append(
            [
                AuditEvent(link.review_id, event, {"link": link.id, **values})
                for link in self
            ]
        )

    def action_revoke(self):
        """End these links at once."""
        self.review_id.check_access("write")
        # The right to was checked above; links are written by methods only. Who ends
        # their own need not see the review any more.
        self.sudo()._revoke()._log("feedback_link_revoked")

    def action_show(self):
        """Show the address, to copy it."""
        self.ensure_one()
        self.review_id.check_access("write")
        return self.env["kpi.dashboard.share"]._action_show(self._get_address())

    def _mail(self):
        """Queue a message to the address that each link is for."""
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{self._name}/{link.id}",
                    "address": link.name,
                    "reader_id": self.env.uid,
                    "company_id": link.company_id.id,
                    "subject": self.env._("Your feedback on an initiative"),
                    "res_model": self._name,
                    "res_id": link.id,
                    "renderer": self._name,
                    "lines": [{"res_model": self._name, "res_id": link.id}],
                }
                for link in self
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the person who sends it."""
        link = self.browse(delivery.res_id)
        if not link._is_open():
            raise DeliverySkipped(self.env._("The link is no longer active."))
        address = link._get_address()
        return Message(
            self.env._("Your feedback on “%s”", link.review_id.initiative_id.name),
            text=self.env._(
                "%(person)s of %(company)s asks for your feedback. It takes two "
                "minutes; no account needed.",
                person=self.env.user.name,
                company=link.company_id.name,
            ),
            actions=(Action(self.env._("Give Feedback"), address),),
            url=address,
        )

    def _store_answer(self, answer):
        """Store an answer, unless it is there: what is sent twice counts once.

        :return: whether it is stored now, by this request or an earlier one
        """
        self.ensure_one()
        values = {
            "review_id": self.review_id.id,
            "company_id": self.company_id.id,
            "link_id": self.id,
            "key": answer.key,
            "name": answer.name,
            "role": answer.role or None,
            "rating": answer.rating,
            "comment": answer.comment or None,
            "submitted_at": fields.Datetime.now(),
        }
        self.env.execute_query(
            SQL(
                "INSERT INTO kpi_review_feedback (%s) SELECT %s"
                " WHERE (SELECT count(*) FROM kpi_review_feedback"
                "         WHERE link_id = %s) < %s"
                " ON CONFLICT (link_id, key) DO NOTHING RETURNING id",
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(SQL("%s", value) for value in values.values()),
                self.id,
                MOST_ANSWERS,
            )
        )
        self.env.invalidate_all()
        stored = [("link_id", "=", self.id), ("key", "=", answer.key)]
        return bool(self.env["kpi.review.feedback"].search_count(stored, limit=1))

    def _describe_page(self):
        """What the page says: nothing that its visitor need not know."""
        review = self.review_id
        return {
            "initiative": review.initiative_id.name,
            "company": self.company_id.name,
            "person": self.user_id.name,
            "until": self.expires_on,
        }


class KpiReviewFeedback(models.Model):
    """Feedback of a stakeholder: sent from the page of a link, or by a person's key."""

    _name = "kpi.review.feedback"
    _description = "Stakeholder Feedback"
    _inherit = ["kpi.review.row.mixin", "kpi.readonly.mixin"]
    _order = "id desc"

    link_id = fields.Many2one(
        "kpi.review.feedback.link",
        readonly=True,
        index=True,
        ondelete="cascade",
        groups=fields.NO_ACCESS,  # it names the address that it was mailed to
    )
    user_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=fields.NO_ACCESS,  # the name is what readers see
    )
    key = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    name = fields.Char(required=True, readonly=True)
    role = fields.Char(readonly=True)
    rating = fields.Integer(required=True, readonly=True, aggregator="avg")
    comment = fields.Text(readonly=True)
    submitted_at = fields.Datetime(required=True, readonly=True)

    _link_key_uniq = models.UniqueIndex("(link_id, key)")
    _review_user_uniq = models.UniqueIndex(
        "(review_id, user_id) WHERE user_id IS NOT NULL",
        "You have already given feedback on this review.",
    )
    _one_source = models.Constraint(
        "CHECK (num_nonnulls(link_id, user_id) = 1)",
        "Feedback needs either a link or a user.",
    )
    _rating_in_range = models.Constraint(
        "CHECK (rating BETWEEN 1 AND 5)", "Ratings must be from 1 to 5."
    )

    @api.model
    def _give(self, review, *, rating, role, comment):
        """Store the feedback of the user at work on a review that the user sees.

        :raises UserError: it is too late, it is there, or the user owns the initiative
        """
        review.check_access("read")
        if review.status not in OPEN:
            raise UserError(review._say_status())
        user = self.env.user
        # Who owned an initiative is no secret.
        if review.sudo()._is_of_owner(user):
            raise UserError(
                self.env._(
                    "%s: you own or owned its initiative and cannot review it.",
                    review.display_name,
                )
            )
        # People give it here in their own name only; nobody writes it otherwise.
        feedback = self.sudo()
        given = [("review_id", "=", review.id), ("user_id", "=", user.id)]
        if feedback.search_count(given, limit=1):
            raise UserError(
                self.env._(
                    "You have already given feedback on %s.", review.display_name
                )
            )
        feedback.create(
            {
                "review_id": review.id,
                "user_id": user.id,
                "key": f"user/{user.id}",
                "name": user.name,
                "role": role,
                "rating": rating,
                "comment": comment,
                "submitted_at": fields.Datetime.now(),
            }
        )


def read_addresses(text):
    """(addresses, what is none) of a text with one on each line, or commas."""
    parts = [part.strip() for part in (text or "").replace(",", "\n").splitlines()]
    parts = list(dict.fromkeys(filter(None, parts)))
    found = {part: email_normalize(part) for part in parts}
    return (
        [email for email in dict.fromkeys(found.values()) if email],
        [part for part, email in found.items() if not email],
    )
