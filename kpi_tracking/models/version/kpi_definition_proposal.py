from typing import Any

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import frozendict

from odoo.addons.kpi_base.schemas.base import Nothing, Text, Word

from ...engine.zones import THRESHOLD_FIELDS
from ..definition.kpi_method_mixin import METHOD_FIELDS
from .kpi_definition import ALL_HISTORY, IN_PLACE


class KpiDefinition(models.Model):
    """Formulas, filters and zones change by proposal where a workflow asks for it.

    A KPI that has no values yet is being made: nothing of it is approved.
    """

    _name = "kpi.definition"
    _inherit = ["kpi.definition", "kpi.guarded.mixin"]

    _guarded_fields = frozendict(
        formula_modification=METHOD_FIELDS,
        target_change=("zones", *THRESHOLD_FIELDS),
    )
    _guarded_operations = ("write",)

    def write(self, vals):
        """Asked first: a later version is stored without writing the definition."""
        self._check_unguarded("write", vals)
        return super().write(vals)

    def propose_change(
        self, values: dict[str, Any], valid_from: Word | Nothing, reason: Text
    ):
        """Propose another way of computing; what needs no approval is saved.

        :param values: what the form has changed, as for ``write``
        :param valid_from: a day of ``get_change``, or “all”
        :return: the action that shows the proposal
        """
        self.ensure_one()
        self.check_access("write")
        values = self._with_model_name(values)
        guarded = self._get_guarded_names()
        asked = {name: value for name, value in values.items() if name in guarded}
        rest = values.keys() - asked.keys() - {"model_id"}
        if not self._is_guarded_change(asked):
            raise ValidationError(self.env._("Nothing is changed yet."))
        day = self._parse_valid_from(valid_from) if valid_from else None
        change = self._propose(asked, reason, valid_from=day)
        self.write({name: values[name] for name in rest})
        return change._show(change)

    def _change_or_propose(self, vals, valid_from, reason):
        """As ``_change``, by proposal where that needs approval.

        :return: the proposal; empty: it is changed
        """
        asked = self.with_context(kpi_valid_from=valid_from or ALL_HISTORY)
        if asked._filter_guarded("write", vals):
            reason = reason or self.env._("Sent by another system")
            return self._propose(vals, reason, valid_from=valid_from)
        self._change(vals, valid_from, reason)
        return self.env["kpi.approval.change"]

    def _filter_guarded(self, operation, vals=None):
        guarded = super()._filter_guarded(operation, vals)
        return guarded and guarded.filtered(lambda one: one._is_measured())

    def _is_guarded_change(self, vals):
        vals = self._with_model_name(vals)
        given = self.env.context.get("kpi_valid_from")
        if given and given is not IN_PLACE and vals.keys() & set(METHOD_FIELDS):
            return True  # what is in force on that day may differ
        return super()._is_guarded_change(vals)

    def _prepare_change_values(self, operation, vals):
        return super()._prepare_change_values(operation, self._with_model_name(vals))

    def _apply_proposal(self, operation, vals, change):
        """Have it hold from the day that was proposed."""
        day = change.valid_from
        return super(
            KpiDefinition,
            self.with_context(
                kpi_valid_from=fields.Date.to_string(day) if day else ALL_HISTORY,
                kpi_change_reason=change.reason,
            ),
        )._apply_proposal(operation, vals, change)

    def _read_present(self, names, valid_from):
        """What is in force on the day from which a proposal would hold."""
        present = super()._read_present(names, valid_from)
        if self and valid_from:
            period = self.calendar_id._period(self.frequency, valid_from)
            method = self._get_stretch(period).method
            for name in present.keys() & set(METHOD_FIELDS):
                present[name] = method._plain_value(name, method[name])
        return present
