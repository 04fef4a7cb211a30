"""Names of our records in Odoo's own models, which read them as superuser."""

from odoo import models

OURS = "kpi."


def filter_unreadable(records, model_field, id_field):
    """Filter what names a record that the user may not read, or that is gone.

    :param model_field: name of the field with the name of a model
    :param id_field: name of the field with an id, stored or not
    """
    unreadable = records.browse()
    for model, same in records.filtered(model_field).grouped(model_field).items():
        readable = set()
        if model in records.env:
            # As the user, for whom Odoo computes it as superuser.
            found = records.env[model].sudo(False).browse(same.mapped(id_field))
            readable = set(found.exists()._filtered_access("read").ids)
        unreadable |= same.filtered(
            lambda each, readable=readable: each[id_field] not in readable
        )
    return unreadable


def _filter_ours(records, model_field):
    return records.filtered(lambda each: (each[model_field] or "").startswith(OURS))


class MailActivity(models.Model):
    """Something to do about a record."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        """Name a record of ours to whoever may read it only."""
        unreadable = filter_unreadable(
            _filter_ours(self, "res_model"), "res_model", "res_id"
        )
        unreadable.res_name = False
        return super(MailActivity, self - unreadable)._compute_res_name()


class MailMessage(models.Model):
    """Something said about a record."""

    _inherit = "mail.message"

    def _compute_record_name(self):
        """Name a record of ours to whoever may read it only."""
        unreadable = filter_unreadable(_filter_ours(self, "model"), "model", "res_id")
        unreadable.record_name = False
        return super(MailMessage, self - unreadable)._compute_record_name()
