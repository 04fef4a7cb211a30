from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .kpi_performance_coaching_state import SIGNATURES, TEXTS

STAYING = ("coach_id", "company_id")
OF_COACH = (
    "coaching_type",
    "development_goals",
    "employee_id",
    "manager_feedback",
    "next_review_date",
)
OF_EMPLOYEE = ("employee_response",)
OF_STATE = ("salts", "shared_at", "state", *SIGNATURES)
OF_ERASURE = ("erased_at", "erased_by_id")


class KpiPerformanceCoaching(models.Model):
    """Who writes what and when: asked of everybody, superusers included.

    The coach writes until one of the two signs, the employee answers until they sign.
    What the engine sets (``sudo``) is asked by whose it is, too: no context, import or
    related record writes for somebody else.
    """

    _inherit = "kpi.performance.coaching"

    @api.model_create_multi
    def create(self, vals_list):
        coachings = super().create(vals_list)
        for coaching in coachings:
            coaching._check_is(coaching.coach_id)
            coaching._check_is_draft()
            if coaching.employee_response or coaching.erased_at:
                raise AccessError(
                    self.env._("Only %s can answer.", coaching.employee_id.name)
                )
        return coachings

    def write(self, vals):
        for coaching in self:
            coaching._check_change(vals)
        result = super().write(vals)
        if vals.keys() & {*OF_COACH, *OF_EMPLOYEE} and "erased_at" not in vals:
            self._log_content()
        return result

    def _check_change(self, vals):
        """Refuse what the user may not change, or nobody.

        :raises AccessError: it is for somebody else to write
        :raises UserError: it is signed, has ended or is a draft yet
        """
        names = vals.keys()
        if names & set(OF_ERASURE):
            self._check_erasure(vals)
            return
        for name in names & set(STAYING):
            if self._fields[name].convert_to_cache(vals[name], self) != self[name].id:
                self._refuse_engine_only(name)
        if names & set(OF_COACH):
            self._check_content()
        if "employee_id" in names:
            self._check_is_draft()
        if names & set(OF_EMPLOYEE):
            self._check_response()
        if names & set(OF_STATE):
            self._check_step(vals)

    def _check_is(self, person):
        """Refuse everybody but this person."""
        if person != self.env.user:
            # What colleagues are called is no secret to who may read it.
            name = person.sudo().name
            raise AccessError(self.env._("Only %s can do this.", name))

    def _check_is_draft(self):
        if self.state != "draft":
            raise UserError(self.env._("%s: this is shared already.", self._name_me()))

    def _check_open(self):
        """Refuse to go on with what has ended."""
        if self.is_over:
            raise UserError(
                self.env._(
                    "%s has ended: somebody has left, or its texts were erased.",
                    self._name_me(),
                )
            )

    def _check_content(self):
        """Refuse changes of what the coach writes.

        :raises AccessError: by others
        :raises UserError: once somebody has signed it
        """
        self._check_is(self.coach_id)
        self._check_open()
        if self.coach_signed_at or self.employee_signed_at:
            self._refuse_signed()

    def _check_response(self):
        """Refuse changes of the employee's answer, as above."""
        self._check_is(self.employee_id)
        self._check_open()
        if self.state == "draft":
            raise UserError(self.env._("%s is not shared yet.", self._name_me()))
        if self.employee_signed_at:
            self._refuse_signed()

    def _check_step(self, vals):
        """Refuse all but the two steps: draft → shared by the coach, and one's own
        signature, of which the second makes it signed."""
        self._check_open()
        if self.state == "draft":
            self._check_is(self.coach_id)
            steps = {"salts", "shared_at", "state"}
            if vals.keys() != steps or vals["state"] != "shared":
                self._refuse_engine_only("state")
            return
        own = self._get_own_signature()
        if self.state == "signed" or self[own]:
            self._refuse_signed()
        is_last = all(self[name] for name in SIGNATURES if name != own)
        if (
            not vals.get(own)
            or not vals.keys() <= {own, "state"}
            or vals.get("state", "shared") != ("signed" if is_last else "shared")
        ):
            self._refuse_engine_only("state")

    def _check_erasure(self, vals):
        """Refuse all but erasing all texts of what was shared, once."""
        whole = {*TEXTS, *OF_ERASURE, "salts"}
        if not self.env.su or vals.keys() != whole or any(map(vals.get, TEXTS)):
            self._refuse_engine_only("erased_at")
        if self.state == "draft" or self.erased_at or not vals["erased_at"]:
            raise UserError(self.env._("%s has nothing to erase.", self._name_me()))

    def _refuse_signed(self):
        raise UserError(
            self.env._(
                "%s is signed and stays as it is. Plan the next one instead.",
                self._name_me(),
            )
        )

    def _refuse_engine_only(self, name):
        raise AccessError(
            self.env._(
                "%s: set automatically and cannot be changed.",
                self._fields[name]._description_string(self.env),
            )
        )

    def _name_me(self):
        return self.display_name
