from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import date_utils

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.engine.reminding import DAYS_BEFORE
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.models.approval.people import check_works_here
from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.rights import search_by

from ..fields import Colleague
from .benefit.kpi_benefit_realization import CONFIRMED_AT_END
from .finding import Finding

RESULTS = [("holds", "Holds"), ("failed", "Does Not Hold")]
STATUSES = [("open", "Open"), ("holds", "Holds"), ("failed", "Failed")]


class KpiBenefitAssumption(models.Model):
    """What has to hold for the plan of a benefit to be right."""

    _name = "kpi.benefit.assumption"
    _description = "Assumption"
    _inherit = [
        "kpi.access.mixin",
        "kpi.benefit.part.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.reminder.mixin",
    ]
    _order = "benefit_id, sequence, id"
    _kpi_measurable = True
    _readable_by = ("benefit_id", "company_id")
    _editable_by = ("benefit_id", "owner_id", "company_id")
    _reminded_person = "owner_id"
    _reminded_day = "review_date"

    sequence = fields.Integer(default=10, exportable=False)
    name = fields.Char("Assumption", required=True)
    owner_id = Colleague(
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        copy=False,
        help="Defaults to the benefit owner.",
    )
    review_date = fields.Date("Check by", index=True)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", exportable=False
    )
    is_due = fields.Boolean(
        "To Check",
        compute="_compute_is_due",
        search=search_by("_get_due_domain"),
        exportable=False,
        help="The plan is running and the assumption is due for a check.",
    )
    status = fields.Selection(
        STATUSES, required=True, readonly=True, default="open", copy=False, index=True
    )
    checked_on = fields.Date(readonly=True, copy=False)
    checked_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    check_note = fields.Char("Result", readonly=True, copy=False)
    failed_on = fields.Date("Failed Since", readonly=True, copy=False)

    @api.depends("benefit_id")
    def _compute_owner_id(self):
        for assumption in self:
            if not assumption.owner_id:
                assumption.owner_id = assumption.benefit_id.owner_id

    @api.depends("review_date")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for assumption in self:
            day = assumption.review_date
            assumption.is_overdue = bool(day) and day < today

    @api.depends_context("uid", "allowed_company_ids", "tz")
    @api.depends(
        "review_date",
        "benefit_id.active",
        "benefit_id.status",
        "initiative_id.active",
        "initiative_id.status",
    )
    def _compute_is_due(self):
        due = self.search([("id", "in", self.ids), ("is_due", "=", True)])
        for assumption in self:
            assumption.is_due = assumption in due

    @api.model
    def _get_due_domain(self):
        today = fields.Date.context_today(self)
        return self._get_running() & Domain("review_date", "<=", today)

    @api.model
    def _get_running(self):
        """The domain of those whose plan still runs."""
        is_running = Domain("benefit_id.active", "=", True)
        is_running &= Domain("benefit_id.status", "not in", tuple(CONFIRMED_AT_END))
        # The initiative decides, which who checks a benefit need not see.
        return is_running & Domain(
            "initiative_id",
            "any!",
            Domain("active", "=", True) & Domain("status", "!=", "closed"),
        )

    @api.constrains("owner_id", "benefit_id")
    def _check_owner(self):
        for assumption in self:
            check_works_here(assumption, "owner_id", assumption.company_id)
            benefit, person = assumption.benefit_id, assumption.owner_id
            if person != benefit.owner_id and not benefit._is_readable_by(person.id):
                raise ValidationError(
                    self.env._(
                        "%(assumption)s: %(person)s cannot see the benefit. Add "
                        "them as an initiative follower or choose someone else.",
                        assumption=assumption.name,
                        # Whom somebody chose is no secret to them.
                        person=person.sudo().name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        assumptions = super().create([_tidy(vals) for vals in vals_list])
        for benefit, added in assumptions.grouped("benefit_id").items():
            told = "; ".join(_join(*one._list_logged()) for one in added)
            benefit._message_log(body=self.env._("Assumptions added: %s", told))
        return assumptions

    def write(self, vals):
        # What only methods write is told by them.
        is_told = vals.keys() & {"name", "owner_id", "review_date"}
        is_told = is_told and "status" not in vals
        before = {one: one._list_logged() for one in self} if is_told else {}
        result = super().write(_tidy(vals))
        for assumption, old in before.items():
            new = assumption._list_logged()
            if new[0] != old[0] and assumption.status != "open":
                # What was said before is of another text. The right to that was
                # checked; only methods set the status.
                assumption.sudo().write(
                    {
                        "status": "open",
                        "checked_on": False,
                        "checked_by": False,
                        "check_note": False,
                        "failed_on": False,
                    }
                )
            if new != old:
                body = self.env._(
                    "Assumption changed: %(before)s → %(after)s",
                    before=_join(*old),
                    after=_join(*new),
                )
                assumption.benefit_id._message_log(body=body)
        return result

    def unlink(self):
        for assumption in self:
            body = self.env._(
                "Assumption removed: %s", _join(*assumption._list_logged())
            )
            assumption.benefit_id._message_log(body=body)
        return super().unlink()

    def _find_next_check(self):
        """The earliest day on which one of these is to be checked; False: none."""
        return min(filter(None, self.mapped("review_date")), default=False)

    def action_check(self):
        """Ask whether it holds, and when to check again."""
        self.ensure_one()
        self.check_access("write")
        checks = self.env["kpi.benefit.assumption.check"]
        name = self.env._("Check Assumption")
        return open_dialog(checks, name, default_assumption_id=self.id)

    def _note_check(self, status, review_date, note):
        """Say whether these hold, as of today: what holds needs the day on which to
        check again, what failed a note of what shows it."""
        self.check_access("write")
        if status not in dict(RESULTS):
            raise UserError(self.env._("Choose an outcome."))
        if status == "failed" and not (note or "").strip():
            raise ValidationError(self.env._("Enter evidence that it failed."))
        if status == "holds" and not review_date:
            raise ValidationError(self.env._("Enter the next check date."))
        today = fields.Date.context_today(self)
        if review_date and review_date <= today:
            raise ValidationError(self.env._("The next check must be after today."))
        for assumption in self:
            failed_on = assumption.failed_on or today if status == "failed" else False
            # The right to was checked above; only methods say who checked it.
            assumption.sudo().write(
                {
                    "status": status,
                    "review_date": review_date,
                    "checked_on": today,
                    "checked_by": self.env.uid,
                    "check_note": note,
                    "failed_on": failed_on,
                }
            )
            day = assumption._format_day()
            coming = self.env._("next check by %s", day) if day else ""
            told = _join(assumption.name, note, coming)
            body = self.env._("Assumption holds: %s", told)
            if status == "failed":
                body = self.env._("Assumption failed: %s", told)
            assumption.benefit_id._message_log(body=body)

    def _list_logged(self):
        """Text, owner and day as people read them."""
        # Who checks it is no secret to who sees it.
        return self.name, self.owner_id.sudo().name, self._format_day()

    def _format_day(self):
        return format_day(self.env, self.review_date, with_year=True)

    @api.model
    def _get_waiting(self):
        return self._get_running()

    def _say_waiting(self):
        return self.env._("Assumptions to check: %s", len(self))

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the reader, of what they may see."""
        soon = fields.Date.context_today(self) + timedelta(days=DAYS_BEFORE)
        told = self.search(
            Domain("id", "in", lines.mapped("res_id"))
            & Domain("owner_id", "=", self.env.uid)
            & Domain("review_date", "<=", soon)
            & self._get_running()
        )
        if not told:
            raise DeliverySkipped(
                self.env._("The assumption was checked or reassigned.")
            )
        url = f"{self.get_base_url()}/odoo/benefit-assumptions"
        return Message(
            told._say_waiting(),
            lines=tuple(one._describe_line(url) for one in told),
            actions=(Action(self.env._("Open Assumptions"), url),),
            url=url,
        )

    def _describe_line(self, url):
        """The assumption in a message: what, of which benefit, and until when."""
        return Line(
            self.name,
            self.benefit_id.display_name,
            "warning" if self.is_overdue else "",
            ((self.env._("Check by"), format_day(self.env, self.review_date)),),
            url=f"{url}/{self.id}",
        )

    def _find_assumption_findings(self):
        """Findings: those that failed, and those that were to be checked before today.

        What that costs nobody knows; months tell it as they pass.
        """
        found = []
        for one in self.filtered(lambda one: one.status == "failed" or one.is_overdue):
            day = one.failed_on or one.review_date
            known = {
                "benefit": one.benefit_id.name,
                "assumption": one.name,
                "day": format_day(self.env, day),
            }
            text = self.env._(
                "%(benefit)s: assumption “%(assumption)s” was due for a check by "
                "%(day)s.",
                **known,
            )
            if one.status == "failed":
                text = self.env._(
                    "%(benefit)s: assumption “%(assumption)s” has failed since "
                    "%(day)s: %(note)s",
                    note=one.check_note,
                    **known,
                )
            month = date_utils.start_of(day, "month")
            about = one.benefit_id
            found.append(
                Finding("expired_assumption", about, month, 0.0, 0.0, text, part=one)
            )
        return found

    def _change_by_program(self, values):
        """Change one, and note a check where ``status`` or ``note`` differ."""
        self.ensure_one()
        status, is_check = values.get("status"), False
        if status in ("holds", "failed"):
            day = fields.Date.to_date(values.get("review_date", self.review_date))
            given = status, values.get("note", self.check_note), day or False
            is_check = given != (self.status, self.check_note, self.review_date)
        names = ["name", "owner_id", *([] if is_check else ["review_date"])]
        self.write({name: values[name] for name in names if name in values})
        if is_check:
            day = fields.Date.to_date(values.get("review_date") or False)
            self._note_check(status, day, values.get("note"))


class KpiHome(models.AbstractModel):
    """Assumptions that the user is to check, among what waits for them."""

    _inherit = "kpi.home"

    @api.model
    def _list_counted(self, role):
        due = {
            "kind": "assumption",
            "model": "kpi.benefit.assumption",
            "domain": Domain("owner_id", "=", self.env.uid)
            & Domain("is_due", "=", True),
            "text": self.env._("Assumptions to check: %s"),
            "action": "kpi_benefits.kpi_benefit_assumption_action",
            "context": {"search_default_mine": 1, "search_default_due": 1},
        }
        return [*super()._list_counted(role), due]


def _tidy(vals):
    """An assumption is one line: programs write several as lines of a text."""
    if not isinstance(vals.get("name"), str):
        return vals
    return {**vals, "name": " ".join(vals["name"].split())}


def _join(*texts):
    return " · ".join(filter(None, texts))
