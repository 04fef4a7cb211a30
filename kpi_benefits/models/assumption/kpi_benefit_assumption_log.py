from odoo import models
from odoo.tools import format_date

LOGGED = ("name", "owner_id", "review_date")


class KpiBenefitAssumption(models.Model):
    """What becomes of assumptions, in the discussion of their benefit."""

    _inherit = "kpi.benefit.assumption"

    def _log_added(self):
        for benefit, added in self.grouped("benefit_id").items():
            told = [_join(*one._list_logged()) for one in added]
            benefit._message_log(
                body=self.env._("Assumptions added: %s", "; ".join(told))
            )

    def _read_logged(self, vals):
        """Assumption → its logged values, of those that ``vals`` may change."""
        names = [name for name in LOGGED if name in vals]
        # What only methods write is told by them.
        if not names or "status" in vals:
            return {}
        return {one: one._list_logged() for one in self}

    def _log_changes(self, before):
        """Tell what was changed by people, and take back what was said of it before."""
        for assumption, (name, *rest) in before.items():
            now_name, *now_rest = assumption._list_logged()
            if now_name != name:
                assumption._reopen()
            if [now_name, *now_rest] != [name, *rest]:
                assumption._log(
                    self.env._(
                        "Assumption changed: %(before)s → %(after)s",
                        before=_join(name, *rest),
                        after=_join(now_name, *now_rest),
                    )
                )

    def _log_removed(self):
        for assumption in self:
            assumption._log(
                self.env._("Assumption removed: %s", _join(*assumption._list_logged()))
            )

    def _log_check(self):
        day = self._format_day()
        coming = self.env._("next check by %s", day) if day else ""
        told = _join(self.name, self.check_note, coming)
        if self.status == "holds":
            self._log(self.env._("Assumption holds: %s", told))
        else:
            self._log(self.env._("Assumption failed: %s", told))

    def _list_logged(self):
        """Text, owner and day as people read them."""
        # Who checks it is no secret to who sees it.
        return self.name, self.owner_id.sudo().name, self._format_day()

    def _format_day(self):
        return format_date(self.env, self.review_date) if self.review_date else ""

    def _log(self, text):
        self.benefit_id._message_log(body=text)


def _join(*texts):
    return " · ".join(filter(None, texts))
