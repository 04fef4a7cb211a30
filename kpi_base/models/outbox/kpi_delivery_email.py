import hashlib
import smtplib
import socket
import threading
from contextlib import suppress

from odoo import SUPERUSER_ID, api, models
from odoo.tools import config, email_normalize

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...engine.delivery import is_refused_for_good
from ...engine.email_pictures import embed_pictures
from ...engine.message import PICTURE_NAME, to_html, to_text
from ...outbox import DeliveryRefused, DeliverySkipped, DeliveryUnanswered
from .kpi_delivery_sending import (
    ANSWER_SECONDS,
    DOT_SECONDS,
    SEND_SECONDS,
    claiming_run,
    statement_cursor,
)


class KpiDelivery(models.Model):
    """Email through the mail servers that Odoo is set up with."""

    _inherit = "kpi.delivery"

    @api.model
    def _message_id(self, key):
        """``<…@…>`` that depends on nothing but the database and ``key``."""
        # A secret of the database: nobody outside can infer a key from its hash.
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        digest = hashlib.sha256(f"{database}|{key}".encode()).hexdigest()
        return f"<kpi.{digest[:40]}@{database}.odoo>"

    def _find_email_host(self):
        """Name of the mail server that this message leaves by."""
        servers = self.env["ir.mail_server"].with_company(self.company_id)
        # Settings of the system, for the engine only.
        server, _sender = servers.sudo()._find_mail_server(self._get_sender())
        if server and server.smtp_authentication != "cli":
            return f"smtp://{server.smtp_host}:{server.smtp_port}"
        return f"smtp://{config['smtp_server']}:{config['smtp_port']}"

    def _get_sender(self):
        return self.company_id.email_formatted or self.env.user.email_formatted

    def _send_email(self):
        """Send this message, in at most ``SEND_SECONDS`` and ``DOT_SECONDS``.

        :raises DeliverySkipped: the receiver has no email address
        :raises DeliveryRefused: the mail server wants no second attempt
        :raises TimeoutError: no answer in time
        :raises DeliveryUnanswered: it has left, and the answer takes longer
        """
        if not email_normalize(self.address or self.user_id.email):
            raise DeliverySkipped(
                self.env._("%s has no valid email address.", self.recipient)
            )
        Transmission(self, self._email()).finish()

    def _email(self):
        """The message as ``EmailMessage``."""
        content = self._compose()
        shown = self.attachment_ids.filtered(self._is_in_body)
        pictures = [(file.name, file.raw, file.mimetype) for file in shown]
        if self.renderer and content.picture:
            pictures.append((PICTURE_NAME, content.picture, "image/png"))
        server = self.env["ir.mail_server"].with_company(self.company_id)
        message = server._build_email__(
            self._get_sender(),
            [self._get_email_address()],
            content.title,
            to_html(content, is_rtl=self._is_rtl()),
            subtype="html",
            body_alternative=to_text(content),
            message_id=self.message_id,
            headers={"Auto-Submitted": "auto-generated"},
            attachments=[
                (file.name, file.raw, file.mimetype)
                for file in self.attachment_ids - shown
            ],
        )
        embed_pictures(message, pictures)
        return message

    def _get_email_address(self):
        """Address that somebody typed, else that of the receiver."""
        return email_normalize(self.address) or self.user_id.email_formatted

    def _is_rtl(self):
        """Whether the message is written from right to left."""
        code = self._get_reader().lang or "en_US"
        return self.env["res.lang"]._get_data(code=code).direction == "rtl"


class Transmission(threading.Thread):
    """One message handed to its mail server, given up when that takes too long.

    Before the dot that ends a message nothing has left: the connection is broken. After
    it the server may have taken the message, so the thread waits for the answer, alone
    if that takes longer than the run, and marks the message with it.

    Odoo's own limit of a minute holds for every single answer. The thread has a cursor
    of its own: the server's settings, and log-ins that need the database, are read
    there, whatever becomes of the sender's.
    """

    def __init__(self, delivery, message):
        super().__init__(daemon=True, name="kpi-delivery")
        self.registry = delivery.env.registry
        self.delivery = delivery
        self.company_id = delivery.company_id.id
        self.message = message
        self.run_number = 0
        self.session = None
        self.error = None
        self.is_abandoned = False
        self.has_left = threading.Event()
        self.lock = threading.Lock()  # of the two that follow
        self.is_done = False
        self.is_alone = False

    def finish(self):
        """Send within the time; raise what went wrong."""
        self.start()
        self.join(SEND_SECONDS)
        if self.is_alive() and self.has_left.is_set():
            self.join(DOT_SECONDS)
            self._leave_alone()
        elif self.is_alive():
            self._abandon()
            raise TimeoutError(f"No answer within {SEND_SECONDS} seconds.")
        if self.error:
            raise self.error

    def _leave_alone(self):
        with self.lock:
            if self.is_done:
                return
            self.delivery._hold_claim(self.run_number)
            self.is_alone = True
        raise DeliveryUnanswered

    def run(self):
        try:
            with statement_cursor(self.registry) as cr, claiming_run(cr) as run:
                self.run_number = run
                self._send_and_note(api.Environment(cr, SUPERUSER_ID, {}))
        except Exception as error:
            if not self.is_done:  # else only the end of the session went wrong
                self._note_done(error)

    def _send_and_note(self, env):
        """Send, and while the claim is held mark it where nobody else will."""
        try:
            self._send(env)
        except Exception as error:
            self._note_done(error)
        else:
            self._note_done()

    def _note_done(self, error=None):
        self.error = error and _delivery_error(error)
        with self.lock:
            self.is_done = True
        if self.is_alone:
            self._mark()

    def _mark(self):
        """Mark the message, as the run would have done."""
        with statement_cursor(self.registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            delivery = env["kpi.delivery"].browse(self.delivery.id)
            if self.error:
                delivery._mark_error(self.error)
            else:
                delivery._mark("sent")

    def _send(self, env):
        servers = env["ir.mail_server"].with_company(self.company_id)
        self.session = servers._connect__(smtp_from=self.message["From"])
        if self.is_abandoned:
            self._close()
            return
        self._watch_for_dot()
        servers.send_email(self.message, smtp_session=self.session)
        with suppress(smtplib.SMTPException, OSError):
            self.session.quit()  # the message has left; how they part matters not

    def _watch_for_dot(self):
        """Note when the session has sent the end of the message, and wait longer."""
        send = self.session.send

        def send_and_note(data):
            send(data)
            if isinstance(data, bytes) and data.endswith(b"\r\n.\r\n"):
                self.session.sock.settimeout(ANSWER_SECONDS)
                self.has_left.set()

        self.session.send = send_and_note

    def _abandon(self):
        """Break the connection, so that nothing leaves after it was given up."""
        self.is_abandoned = True
        self._close()

    def _close(self):
        """End the connection; a thread that waits for an answer wakes up."""
        if self.session and self.session.sock:
            with suppress(OSError):
                self.session.sock.shutdown(socket.SHUT_RDWR)


def _delivery_error(error):
    """Return what the error of a mail server means for the message."""
    cause = _smtp_error(error)
    return DeliveryRefused(str(cause)) if is_refused_for_good(cause) else error


def _smtp_error(error):
    """Return the mail server's error from inside Odoo's own."""
    if isinstance(error, MailDeliveryException) and error.__context__:
        return error.__context__
    return error
