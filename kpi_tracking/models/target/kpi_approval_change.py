from odoo import api, models

from .change_effect import ChangeEffect


class KpiApprovalChange(models.Model):
    """Proposals about targets and formulas, with their effect."""

    _inherit = "kpi.approval.change"

    def _filter_target_change(self):
        """Those that change targets."""
        return self._filter_by_guard("target_change")

    def _filter_formula_modification(self):
        """Those that change how values are computed."""
        return self._filter_by_guard("formula_modification")

    @api.readonly
    def get_effect(self):
        """Tell what a proposal that waits would change in the last 12 periods.

        Nothing is written. What the reader may not see is left out.

        :return: dict of ``periods`` (``label``, ``start``, ``is_running``,
            ``is_before``: before it applies, shown as if it had applied), ``before``
            and ``after`` (dicts of lists over the periods: ``value``, ``target``,
            ``low``, ``high``, ``achievement``, ``status``), ``unit``, ``formulas``
            (those that use it, ``before`` and ``after`` as well), ``scorecards``
            (``before`` and ``after``: percents) and ``message`` (why nothing can be
            computed)
        """
        self.ensure_one()
        self.check_access("read")
        known = ("kpi.target", "kpi.definition")
        if self.approval_state == "approved" or self.res_model not in known:
            return {}
        # What a KPI is made of is no secret to who may see it; see ``reader``.
        change = self.sudo()
        if change._get_shown_record() is None:
            return {}
        return ChangeEffect(change, self.env).describe()
