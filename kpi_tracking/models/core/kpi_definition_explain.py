import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date

CODE = re.compile(r"\b[A-Za-z_]\w*")
# Functions whose result is in the unit of the KPI that they are asked about.
SAME_UNIT = re.compile(
    r"(?:abs|baseline|prev|rolling|round|target|ytd)\((\w+)[^()]*\)\Z"
)


class KpiDefinition(models.Model):
    """How values of a KPI are counted, in words."""

    _inherit = "kpi.definition"

    explain_model = fields.Char(
        help="Model of the app that hands over the values of this KPI."
    )
    explain_method = fields.Char(
        help="Its method that explains a value: name starts with _explain_kpi, takes a"
        " report and a period, returns what get_explanation describes."
    )

    @api.constrains("explain_method")
    def _check_explain_method(self):
        for definition in self.filtered("explain_method"):
            if not definition.explain_method.startswith("_explain_kpi"):
                raise ValidationError(
                    self.env._(
                        "%s: the name of an explaining method starts with"
                        " _explain_kpi.",
                        definition.name,
                    )
                )

    def _method_sentence(self, period):
        """How a value of this KPI is counted; by kind in ``_method_<kind>``."""
        measures = dict(self._fields["measure"]._description_selection(self.env))
        last = min(period.stop - timedelta(days=1), self.calendar_id._today())
        return getattr(self, f"_method_{self.kind}")(
            measure=measures[self.measure] + self._measured_label(),
            records=self.env["ir.model"]._get(self.model_name).name,
            first=format_date(self.env, period.start),
            last=format_date(self.env, last),
        )

    def _method_flow(self, **words):
        return self.env._(
            "%(measure)s: %(records)s with %(date)s from %(first)s to %(last)s.",
            date=self._path_label(self.date_field),
            **words,
        )

    def _method_stock(self, **words):
        words["date"] = self._path_label(self.date_field)
        if not self.date_to_field:
            sentence = self.env._(
                "%(measure)s: %(records)s with %(date)s up to %(last)s.", **words
            )
        else:
            sentence = self.env._(
                "%(measure)s: %(records)s with %(date)s up to %(last)s and"
                " %(closed)s after it or empty.",
                closed=self._path_label(self.date_to_field),
                **words,
            )
        return f"{sentence} " + self.env._(
            "Fields other than the dates are taken as they are now."
        )

    def _method_snapshot(self, **words):
        return self.env._(
            "%(measure)s: %(records)s as they were at the end of %(last)s. Records"
            " of closed periods have moved on since and cannot be listed.",
            **words,
        )

    def _has_moved_on(self, period):
        """Whether nobody can say any more which records were counted."""
        return self.kind == "snapshot" and period.stop <= self.calendar_id._today()

    def _measured_label(self):
        """What is measured on a record, in brackets; empty for counts."""
        if self.measure in ("count", "share"):
            return ""
        sign = " → " if self.operand == "duration" else " × "
        return f" ({sign.join(map(self._path_label, self._operand_paths()))})"

    def _path_label(self, path):
        """The field at the end of ``path`` as its label says, in quotes."""
        return f"“{self._path_end(path)._description_string(self.env)}”"

    def _unit_description(self):
        """The unit as the web client's formatting takes it."""
        return unit_description(self, self.currency_id.id)


def unit_description(kpi, currency_id):
    """As ``_unit_description``, of what has the fields of a definition."""
    return {
        "kind": kpi.unit,
        "decimals": kpi.decimals,
        "currencyId": currency_id or False,
        "symbol": kpi.unit_symbol or "",
        "durationUnit": kpi.duration_unit or False,
    }


def in_words(text, by_code):
    """A part of a formula with the names of its KPIs instead of their codes."""

    def word(match):
        code = match[0]
        return f"“{by_code[code].name}”" if code in by_code else code

    return CODE.sub(word, text)


def unit_of_part(text, by_code):
    """Unit of a part of a formula; None where it is not that of one KPI."""
    code = text if text in by_code else SAME_UNIT.sub(r"\1", text)
    return by_code[code]._unit_description() if code in by_code else None
