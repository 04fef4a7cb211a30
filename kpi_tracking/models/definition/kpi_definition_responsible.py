from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import plaintext2html

from odoo.addons.kpi_base.tell import MOST_OFFICERS, find_officers, tell


class KpiDefinition(models.Model):
    """Who answers for a KPI hears once what happens to it."""

    _inherit = "kpi.definition"

    is_broken_told = fields.Boolean(readonly=True, copy=False, exportable=False)

    def _tell_broken(self, error):
        """Say once that there are no new values, where there were some.

        Not again until a night has passed without an error: each run tries it anew.
        """
        if error and not self.is_broken_told and self._is_measured():
            # The engine computes for everybody.
            broken = self.sudo()
            broken.is_broken_told = True
            broken._tell_responsible(
                self.env._("No new values: %s", self.display_name), error
            )

    @api.model
    def _forget_mended(self):
        """Those that have new values again may be told about again."""
        self.with_context(active_test=False).search(
            [("is_broken_told", "=", True), ("computation_error", "=", False)]
        ).is_broken_told = False

    def _tell_responsible(self, subject, body, instead=None):
        """Have who is responsible know, or somebody instead, or the officers.

        :param instead: whom to tell where nobody is responsible
        """
        for definition in self:
            link = f"{definition.get_base_url()}/odoo/{self._name}/{definition.id}"
            tell(
                definition,
                definition._find_responsible(instead),
                subject,
                Markup('%s<p><a href="%s">%s</a></p>')
                % (plaintext2html(body), link, definition.display_name),
                res_model=self._name,
                res_id=definition.id,
            )

    def _find_responsible(self, instead=None):
        """Those who see this KPI and are to look after it; empty if nobody does."""
        for person in (self.owner_id, instead):
            if person and person.active and self._is_readable_by(person.id):
                return person
        officers = find_officers(self.env)
        seeing = officers.filtered(lambda user: self._is_readable_by(user.id))
        return seeing[:MOST_OFFICERS]
