import hashlib
import smtplib
import socket
import threading
from contextlib import suppress

from odoo import SUPERUSER_ID, api, models
from odoo.tools import email_normalize

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...engine.delivery import is_refused_for_good
from .kpi_delivery_sending import (
    SEND_SECONDS,
    DeliveryRefused,
    DeliverySkipped,
    statement_cursor,
)


class KpiDelivery(models.Model):
    """Email through the mail servers that Odoo is set up with."""

    _inherit = "kpi.delivery"

    @api.model
    def _message_id(self, key):
        """``<…@…>`` that depends on nothing but the database and ``key``."""
        # A secret of the database: nobody outside can tell a key from its hash.
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        digest = hashlib.sha256(f"{database}|{key}".encode()).hexdigest()
        return f"<kpi.{digest[:40]}@{database}.odoo>"

    def _send_email(self):
        """Send this message, in at most ``SEND_SECONDS``.

        :raises DeliverySkipped: the receiver has no email address
        :raises DeliveryRefused: the mail server wants no second attempt
        :raises TimeoutError: no answer in time
        """
        if not email_normalize(self.user_id.email):
            raise DeliverySkipped(
                self.env._("%s has no valid email address.", self.user_id.name)
            )
        try:
            Transmission(self.env.registry, self.company_id.id, self._email()).finish()
        except Exception as error:
            cause = _smtp_error(error)
            if is_refused_for_good(cause):
                raise DeliveryRefused(str(cause)) from error
            raise

    def _email(self):
        """The message as ``EmailMessage``."""
        company = self.company_id
        server = self.env["ir.mail_server"].with_company(company)
        shown = self.attachment_ids.filtered(self._is_in_body)
        message = server._build_email__(
            company.email_formatted or self.env.user.email_formatted,
            [self.user_id.email_formatted],
            self.subject,
            self.body,
            subtype="html",
            message_id=self.message_id,
            headers={"Auto-Submitted": "auto-generated"},
            attachments=[
                (file.name, file.raw, file.mimetype)
                for file in self.attachment_ids - shown
            ],
        )
        _add_pictures(message, shown)
        return message

    def _is_in_body(self, file):
        """Whether the body shows this picture."""
        return f'"cid:{file.name}"' in (self.body or "")


def _add_pictures(message, files):
    """Put pictures beside the HTML that shows them, by their names."""
    html = message.get_body(("html",))
    for file in files:
        main, kind = file.mimetype.split("/")
        html.add_related(
            file.raw, main, kind, cid=f"<{file.name}>", disposition="inline"
        )


class Transmission(threading.Thread):
    """One message handed to its mail server, given up when that takes too long.

    Odoo's own limit of a minute holds for every single answer. The thread has a cursor
    of its own: the server's settings, and log-ins that need the database, are read
    there, whatever becomes of the sender's.
    """

    def __init__(self, registry, company_id, message):
        super().__init__(daemon=True, name="kpi-delivery")
        self.registry = registry
        self.company_id = company_id
        self.message = message
        self.session = None
        self.error = None
        self.is_abandoned = False

    def finish(self):
        """Send within the time; raise what went wrong."""
        self.start()
        self.join(SEND_SECONDS)
        if self.is_alive():
            self._abandon()
            raise TimeoutError(f"No answer within {SEND_SECONDS} seconds.")
        if self.error:
            raise self.error

    def run(self):
        try:
            with statement_cursor(self.registry) as cr:
                self._send(api.Environment(cr, SUPERUSER_ID, {}))
        except Exception as error:
            self.error = error

    def _send(self, env):
        servers = env["ir.mail_server"].with_company(self.company_id)
        self.session = servers._connect__(smtp_from=self.message["From"])
        if self.is_abandoned:
            self._close()
            return
        servers.send_email(self.message, smtp_session=self.session)
        with suppress(smtplib.SMTPException, OSError):
            self.session.quit()  # the message has left; how they part matters not

    def _abandon(self):
        """Break the connection, so that nothing leaves after it was given up."""
        self.is_abandoned = True
        self._close()

    def _close(self):
        """End the connection; a thread that waits for an answer wakes up."""
        if self.session and self.session.sock:
            with suppress(OSError):
                self.session.sock.shutdown(socket.SHUT_RDWR)


def _smtp_error(error):
    """What the mail server said, inside of what Odoo makes of it."""
    if isinstance(error, MailDeliveryException) and error.__context__:
        return error.__context__
    return error
