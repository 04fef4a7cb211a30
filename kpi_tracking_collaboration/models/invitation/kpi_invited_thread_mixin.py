from odoo import models
from odoo.exceptions import UserError


class KpiInvitedThreadMixin(models.AbstractModel):
    """Discussion in which nobody is named who may not see what it is about.

    ::

        class Visit(models.Model):
            _name = "my.visit"
            _inherit = ["kpi.invited.thread.mixin"]
            _staying = ("report_id",)

    :cvar _staying: fields that say what it is about, which does not change: others
        would read what was said to some
    """

    _name = "kpi.invited.thread.mixin"
    _description = "KPI Discussion by Invitation"
    _inherit = ["kpi.thread.mixin"]

    _staying: tuple[str, ...] = ()

    def write(self, vals):
        for name in vals.keys() & set(self._staying):
            field = self._fields[name]
            for record in self:
                value = field.convert_to_cache(vals[name], record)
                if value != field.convert_to_cache(record[name], record):
                    raise UserError(
                        self.env._(
                            "%(record)s: %(field)s cannot be changed, as others would"
                            " read what was said. Create a new one instead.",
                            record=record.display_name,
                            field=field._description_string(self.env),
                        )
                    )
        return super().write(vals)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Whoever lost the right to see it since hears nothing, named or not."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        return [each for each in recipients if self._is_readable_by(each["uid"])]

    def _check_invited(self, partners):
        """Refuse to name people who may not see the record.

        :raises UserError: saying who
        """
        for record in self:
            strangers = record._find_strangers(partners)
            if strangers:
                names = ", ".join(strangers.mapped("display_name"))
                raise UserError(self._say_strangers(names))

    def _say_strangers(self, names):
        return self.env._(
            "%s cannot see this KPI, so they cannot take part. Share the KPI with them"
            " first.",
            names,
        )

    def _find_strangers(self, partners):
        """Those of ``partners`` who may not see the record, or have no login."""
        self.ensure_one()
        # Whether somebody named may see the record is asked as them.
        people = partners.sudo().with_context(active_test=False)
        return people.filtered(
            lambda person: (
                not any(
                    self._is_readable_by(user.id)
                    for user in person.user_ids
                    if user.active or user._is_superuser()
                )
            )
        )
