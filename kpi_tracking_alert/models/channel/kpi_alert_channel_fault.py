from odoo import api, fields, models

FOR_PERSONS = ("push", "sms")  # which need no channel of their own


class KpiAlertChannel(models.Model):
    """Whether a way of sending is set up, and what is missing if not."""

    _inherit = "kpi.alert.channel"

    fault = fields.Char("Missing", compute="_compute_fault")

    @api.depends(
        "kind",
        "name",
        "address",
        "token",
        "slack_channel",
        "whatsapp_sender",
        "whatsapp_template",
        "whatsapp_language",
        "phone",
    )
    def _compute_fault(self):
        for channel in self:
            stored = channel._origin
            fault = stored and getattr(stored, f"_find_{stored.kind}_fault")()
            channel.fault = fault or False

    @api.model
    def _find_channel_fault(self, channel, company, target=None):
        """What is missing for a channel, in words; None where nothing is.

        :param channel: as rules have it, such as ``slack``
        :param target: the ``kpi.alert.channel`` that was chosen, if any
        """
        if channel in FOR_PERSONS:
            return getattr(target or self.browse(), f"_find_{channel}_fault")()
        if channel not in dict(self._fields["kind"]._description_selection(self.env)):
            return None
        # Whether there is one and what it lacks, which its secrets do not show in.
        chosen = (target or self.browse()).sudo()
        chosen = chosen or chosen._find_default(channel, company)
        label = self._label_of(channel)
        if not chosen:
            return self.env._(
                "%s is not set up yet. An administrator can add a channel of this kind"
                " under Alerts → Channels.",
                label,
            )
        if chosen.kind != channel:
            return self.env._(
                "%(channel)s is not a channel of %(kind)s.",
                channel=chosen.name,
                kind=label,
            )
        return getattr(chosen, f"_find_{channel}_fault")()

    @api.model
    def _label_of(self, kind):
        return dict(self._fields["kind"]._description_selection(self.env))[kind]

    def _find_slack_fault(self):
        if self._has_secret("address"):
            return None
        if self._has_secret("token") and self.slack_channel:
            return None
        return self.env._(
            "%s: enter the address of an incoming webhook, or a bot's token and the ID"
            " of the channel.",
            self.name,
        )

    def _find_teams_fault(self):
        if self._has_secret("address"):
            return None
        return self.env._("%s: enter the address of its workflow.", self.name)

    def _find_whatsapp_fault(self):
        if (
            self._has_secret("token")
            and self.whatsapp_sender
            and self.whatsapp_template
            and self.whatsapp_language
        ):
            return None
        return self.env._(
            "%s: enter the access token, the ID of the phone number, and an approved"
            " template with its language.",
            self.name,
        )

    def _find_sms_fault(self):
        return self.env._("To send SMS, install the app KPI Alerts by SMS.")

    def _find_push_fault(self):
        # A setting of the system: whether there is a key, which anybody may know.
        settings = self.env["ir.config_parameter"].sudo()
        if settings.get_param("mail.web_push_vapid_public_key"):
            return None
        return self.env._(
            "Push is not set up yet: nobody has allowed notifications in their browser."
        )
