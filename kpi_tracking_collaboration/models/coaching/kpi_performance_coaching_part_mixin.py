from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiPerformanceCoachingPartMixin(models.AbstractModel):
    """Row of a coaching: the coach's to write, as long as nobody has signed."""

    _name = "kpi.performance.coaching.part.mixin"
    _description = "Part of a Coaching"
    _inherit = ["kpi.confidential.mixin", "kpi.input.mixin", "kpi.readonly.mixin"]
    # fields that go on changing: nobody agrees to them
    _progressing: tuple[str, ...] = ()

    coaching_id = fields.Many2one(
        "kpi.performance.coaching", required=True, ondelete="cascade", index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_writable()
        parts._log_change()
        return parts

    def write(self, vals):
        if vals.keys() <= set(self._progressing):
            self._check_progress()
            return super().write(vals)
        self._check_writable()
        if "coaching_id" in vals:
            coaching_id = vals["coaching_id"]
            if any(part.coaching_id.id != coaching_id for part in self):
                raise UserError(self.env._("Add it to the other coaching instead."))
        result = super().write(vals)
        self._log_change()
        return result

    def unlink(self):
        coachings = self.coaching_id
        # With the texts the actions are erased: see ``action_erase``.
        if not (self.env.su and all(each.erased_at for each in coachings)):
            self._check_writable()
            result = super().unlink()
            coachings._log_content()
            return result
        return super().unlink()

    def _log_change(self):
        self.coaching_id._log_content()

    def _check_writable(self):
        """Refuse others than the coach, and changes of what is signed."""
        for coaching in self.coaching_id:
            coaching._check_content()

    def _check_progress(self):
        """Refuse changes of what goes on changing; each kind says by whom."""
        self._check_writable()
