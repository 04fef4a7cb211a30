"""Who is told of a discussion: nobody who may not see what it is about.

Odoo shows and mails a message to whoever is mentioned, whatever they may see. Each way
of naming somebody ends in a row of one of Odoo's models below, which is asked here.
"""

from odoo import api, models
from odoo.exceptions import UserError


class KpiConfidentialMixin(models.AbstractModel):
    """Record of which Odoo tells nobody: no message, follower, activity or file.

    Any employee may list the followers of a record that they may not read.
    """

    _name = "kpi.confidential.mixin"
    _description = "Confidential Record"
    _kpi_measurable = False

    @api.model
    def _refuse_telling(self):
        """Refuse what would tell of a record.

        :raises UserError: saying what cannot be added
        """
        raise UserError(
            self.env._("Messages, followers, activities and files are disabled here.")
        )


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
                            "%(record)s: %(field)s cannot change, as others would "
                            "see earlier messages. Create a new one.",
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
        reports = self.mapped("report_id") if "report_id" in self else self.browse()
        if reports and not reports.has_access("write"):
            return self.env._(
                "%(people)s cannot see this KPI. Ask %(officer)s to share it with "
                "them.",
                people=names,
                officer=self.env["kpi.home"]._get_officer_name(),
            )
        return self.env._(
            "%s cannot see this KPI. Share it with them first.",
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


class KpiInvitationMixin(models.AbstractModel):
    """Row of Odoo's by which people hear of a record.

    Where that record is a ``kpi.invited.thread.mixin``, they have to be allowed to see
    it; of a ``kpi.confidential.mixin`` nobody hears. Whoever extends a model by this
    says where its people are, by paths to fields.

    :cvar _invited_fields: a change of these is asked about
    :cvar _invited_people: path to who hears of the record
    :cvar _invited_to: paths to model and id of the record
    :cvar _invited_addresses: texts of addresses, of which nobody knows who reads them
    """

    _name = "kpi.invitation.mixin"
    _description = "KPI Invitation"

    _invited_fields: tuple[str, ...] = ()
    _invited_people = "partner_ids"
    _invited_to = ("model", "res_id")
    _invited_addresses: tuple[str, ...] = ()

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_invitations()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._invited_fields):
            self._check_invitations()
        return result

    def _check_invitations(self):
        """Refuse people who may not see the record, and all of a confidential one.

        :raises UserError: saying who
        """
        # Rows of Odoo's are looked at whoever made them; they are not shown.
        grouped = self.sudo().grouped(lambda row: row._get_invited_to())
        for (model, res_id), rows in grouped.items():
            if _inherits(self.env, model, "kpi.confidential.mixin"):
                self.env[model]._refuse_telling()
            if res_id and _inherits(self.env, model, "kpi.invited.thread.mixin"):
                rows._refuse_addresses()
                people = rows.mapped(self._invited_people)
                self.env[model].browse(res_id)._check_invited(people)

    def _refuse_addresses(self):
        """Refuse email addresses.

        :raises UserError: saying which
        """
        for name in self._invited_addresses:
            addresses = [address for address in self.mapped(name) if address]
            if addresses:
                raise UserError(
                    self.env._(
                        "Discussions cannot be emailed. Remove these addresses: %s",
                        ", ".join(addresses),
                    )
                )

    def _get_invited_to(self):
        """Return model and id of the record that they hear of."""
        model, res_id = (self.mapped(path) for path in self._invited_to)
        return model and model[0], res_id and res_id[0]


def _inherits(env, model, mixin):
    return model in env and isinstance(env[model], env.registry[mixin])


class IrAttachment(models.Model):
    """Files are found by more people than a confidential record."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._check_not_confidential()
        return files

    def write(self, vals):
        result = super().write(vals)
        if "res_model" in vals:
            self._check_not_confidential()
        return result

    def _check_not_confidential(self):
        # What a file belongs to is looked at whoever made it; it is not shown.
        for model in set(self.sudo().mapped("res_model")):
            if _inherits(self.env, model, "kpi.confidential.mixin"):
                self.env[model]._refuse_telling()


class MailActivity(models.Model):
    """Whoever an activity is assigned to is told what it is about."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "kpi.invitation.mixin"]
    _invited_fields = ("res_id", "res_model_id", "user_id")
    _invited_people = "user_id.partner_id"
    _invited_to = ("res_model", "res_id")


class MailFollowers(models.Model):
    """Followers hear of what is written later."""

    _name = "mail.followers"
    _inherit = ["mail.followers", "kpi.invitation.mixin"]
    _invited_fields = ("partner_id", "res_id", "res_model")
    _invited_people = "partner_id"
    _invited_to = ("res_model", "res_id")


class MailMail(models.Model):
    """Emails about a discussion go to people who may see it."""

    _name = "mail.mail"
    _inherit = ["mail.mail", "kpi.invitation.mixin"]
    _invited_fields = ("email_cc", "email_to", "recipient_ids")
    _invited_people = "recipient_ids"
    _invited_addresses = ("email_to", "email_cc")


class MailMessage(models.Model):
    """Whoever is mentioned in a message may read it."""

    _name = "mail.message"
    _inherit = ["mail.message", "kpi.invitation.mixin"]
    _invited_fields = ("model", "outgoing_email_to", "partner_ids", "res_id")
    _invited_addresses = ("outgoing_email_to",)

    def _check_invitations(self):
        """An email that came in names whom its author named: strangers are left out."""
        arrived = self.filtered(lambda message: message.message_type == "email")
        for message in arrived.filtered("partner_ids"):
            model, res_id = message._get_invited_to()
            if res_id and _inherits(self.env, model, "kpi.invited.thread.mixin"):
                record = self.env[model].browse(res_id)
                strangers = record._find_strangers(message.partner_ids)
                if strangers:
                    message.partner_ids -= strangers
        return super(MailMessage, self - arrived)._check_invitations()


class MailNotification(models.Model):
    """Whoever has a notification of a message may read it."""

    _name = "mail.notification"
    _inherit = ["mail.notification", "kpi.invitation.mixin"]
    _invited_fields = ("mail_message_id", "res_partner_id")
    _invited_people = "res_partner_id"
    _invited_to = ("mail_message_id.model", "mail_message_id.res_id")


class MailScheduledMessage(models.Model):
    """A message for later names nobody whom it could not be sent to."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "kpi.invitation.mixin"]
    _invited_fields = ("partner_ids",)
