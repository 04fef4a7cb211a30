from datetime import timedelta

from odoo import api, models
from odoo.tools.misc import format_date

from ...engine.formula.parts import find_unit_code, name_codes
from ...engine.kpi_text import unit_description


class KpiDefinition(models.Model):
    """Explanations in words of how values of a KPI are counted."""

    _inherit = "kpi.definition"

    def _method_sentence(self, period):
        """Sentence on how a value of this KPI is counted, by ``_method_<kind>``."""
        measures = dict(self._fields["measure"]._description_selection(self.env))
        last = min(period.stop - timedelta(days=1), self.calendar_id._today())
        return getattr(self, f"_method_{self.kind}")(
            measure=measures[self.measure] + self._get_measure_label(),
            records=self.env["ir.model"]._get(self.model_name).name,
            first=format_date(self.env, max(period.start, self._first_counted_day())),
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
            "Except for dates, the current field values are used."
        )

    def _method_snapshot(self, **words):
        return self.env._(
            "%(measure)s: %(records)s at the end of %(last)s. The records of "
            "closed periods have changed since then and cannot be listed.",
            **words,
        )

    def _has_moved_on(self, period):
        """Return whether nobody can say any more which records were counted."""
        return self.kind == "snapshot" and period.stop <= self.calendar_id._today()

    def _get_measure_label(self):
        """Label of the measured field, in brackets; empty for counts."""
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

    @api.model
    def _name_codes(self, text, by_code):
        """Name the KPIs of a formula's part instead of their codes."""
        return name_codes(text, {code: kpi.name for code, kpi in by_code.items()})

    @api.model
    def _unit_of_part(self, text, by_code):
        """Unit of a formula's part; None where it is not that of one KPI."""
        code = find_unit_code(text, by_code)
        return by_code[code]._unit_description() if code else None
