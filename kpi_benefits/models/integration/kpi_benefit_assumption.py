from odoo import fields, models


class KpiBenefitAssumption(models.Model):
    """Assumptions of a benefit as programs write them."""

    _inherit = "kpi.benefit.assumption"

    def _change_by_program(self, values):
        """Change one, and note a check where it says another result than is stored.

        :param values: fields, and ``status`` and ``note`` of a check
        """
        self.ensure_one()
        status, note = values.get("status"), values.get("note")
        changed = {
            name: values[name] for name in ("name", "owner_id") if name in values
        }
        is_check = self._is_another_check(values)
        if not is_check and "review_date" in values:
            changed["review_date"] = values["review_date"]
        self.write(changed)
        if is_check:
            day = fields.Date.to_date(values.get("review_date") or False)
            self._note_check(status, day, note)

    def _is_another_check(self, values):
        if values.get("status") not in ("holds", "failed"):
            return False
        known = {
            "status": self.status,
            "note": self.check_note,
            "review_date": self.review_date,
        }
        given = {name: values[name] for name in known if name in values}
        if given.get("review_date"):
            given["review_date"] = fields.Date.to_date(given["review_date"])
        return any(value != known[name] for name, value in given.items())
