from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kpi_smart_alert_words import SAID_OF_CONDITION

LONGEST_NAME = 200


class KpiSmartAlert(models.Model):
    """A rule that nobody has named is named by what has to happen."""

    _inherit = "kpi.smart.alert"

    has_own_name = fields.Boolean(
        "Named by a Person",
        readonly=True,
        default=True,
        copy=False,
        exportable=False,
        help="Else its name follows what has to happen.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # A rule watches something from its first moment, so the code is looked up here.
        found = [self._with_metric(self._with_one_line(vals)) for vals in vals_list]
        rules = super().create([self._with_name(vals) for vals in found])
        nameless = [not vals.get("name") for vals in found]
        unnamed = rules.browse(
            [rule.id for rule, is_so in zip(rules, nameless, strict=True) if is_so]
        )
        # Whose name it is, is not for people to write.
        unnamed.sudo().has_own_name = False
        return rules

    def write(self, vals):
        vals = self._with_one_line(vals)
        renamed = self._find_renamed(vals)
        result = super().write(vals)
        renamed._note_renamed()
        self._follow_condition(vals.keys())
        return result

    @api.model
    def _with_name(self, vals):
        if vals.get("name"):
            return vals
        rule = self.new(self._add_missing_default_values(vals))
        return {**vals, "name": (rule.suggested_name or "")[:LONGEST_NAME]}

    @api.model
    def _with_one_line(self, vals):
        """These values with spaces for the line breaks of the name."""
        if not isinstance(vals.get("name"), str):
            return vals
        return {**vals, "name": " ".join(vals["name"].splitlines())}

    @api.constrains("name")
    def _check_name(self):
        for rule in self:
            if len(rule.name or "") > LONGEST_NAME:
                raise ValidationError(
                    self.env._(
                        "The name of a rule has at most %s characters.", LONGEST_NAME
                    )
                )

    def _find_renamed(self, vals):
        """The rules that somebody gives another name by these values."""
        if not vals.get("name") or "has_own_name" in vals:
            return self.browse()
        return self.filtered(lambda rule: rule.name != vals["name"])

    def _note_renamed(self):
        # Who may name a rule was asked before; whose name it is, nobody writes.
        self.sudo().has_own_name = True

    def _follow_condition(self, changed):
        """Name rules that nobody has named by what has to happen now.

        :param changed: names of fields
        """
        if SAID_OF_CONDITION.isdisjoint(changed):
            return
        for rule in self.filtered(lambda rule: not rule.has_own_name):
            name = (rule.suggested_name or "")[:LONGEST_NAME]
            if name and name != rule.name:
                # As above.
                rule.sudo().write({"name": name, "has_own_name": False})
