import hashlib
import smtplib
import socket
import threading
from contextlib import suppress
from queue import SimpleQueue

from odoo import SUPERUSER_ID, api, models
from odoo.tools import config, email_normalize, ormcache

from odoo.addons.base.models.ir_mail_server import SMTP_TIMEOUT, MailDeliveryException

from ...engine import palette
from ...engine.delivery import is_refused_for_good, is_server_failure, smtp_answer
from ...engine.message import (
    LINE_PICTURE_NAME,
    PICTURE_NAME,
    SIGNS,
    embed_pictures,
    pictures_of,
    to_text,
)
from ...outbox import (
    DeliveryRefused,
    DeliverySkipped,
    DeliveryUnanswered,
    DeliveryUnconfirmed,
)
from .kpi_delivery_sending import (
    ANSWER_SECONDS,
    DOT_SECONDS,
    SEND_SECONDS,
    claiming_run,
    statement_cursor,
)

MOST_MESSAGES = 100  # on a connection: many servers allow no more
PARTING_SECONDS = 5
COLOURS = {
    **{"ink": palette.INK, "faint": palette.FAINT, "line": palette.LINE},
    **{"button": palette.BUTTON, "paper": palette.PAPER},
    "info": palette.AXIS,
    "warning": palette.TEXTS["warning"],
    "critical": palette.TEXTS["danger"],
    "urgent": palette.TEXTS["danger"],
    "good": palette.TEXTS["success"],
}


class KpiDelivery(models.Model):
    """Email through the mail servers that Odoo is set up with."""

    _inherit = "kpi.delivery"

    @api.model
    def _message_id(self, key):
        """``<…@…>`` that depends on nothing but the database and ``key``."""
        database = self._get_database_uuid()
        digest = hashlib.sha256(f"{database}|{key}".encode()).hexdigest()
        return f"<kpi.{digest[:40]}@{database}.odoo>"

    @api.model
    @ormcache()  # emptied whenever a parameter of the system changes
    def _get_database_uuid(self):
        # A secret of the database: nobody outside can infer a key from its hash.
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _find_email_host(self):
        """Name of the mail server that this message leaves by."""
        connections = self.env.context.get("kpi_connections")
        if connections is None:
            return self._look_up_mail_server()
        # The company says who sends it.
        key = ("mail server", self.company_id.id)
        return connections.remember(key, self._look_up_mail_server)

    def _look_up_mail_server(self):
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
        message = self._email()
        connection = self.env.context["kpi_connections"].get(
            (self._name, self.company_id.id, message["From"]),
            lambda: MailConnection(self.env.registry, self.company_id.id),
        )
        connection.send(self, message)

    def _email(self):
        """The message as ``EmailMessage``."""
        content = self._compose()
        language = self._get_reader().lang or "en_US"
        is_rtl = self.env["res.lang"]._get_data(code=language).direction == "rtl"
        shown = self.attachment_ids.filtered(self._is_in_body)
        pictures = [(file.name, file.raw, file.mimetype) for file in shown]
        if self.renderer:
            pictures += [(*each, "image/png") for each in pictures_of(content)]
        server = self.env["ir.mail_server"].with_company(self.company_id)
        message = server._build_email__(
            self._get_sender(),
            # what somebody typed, else the receiver's own
            [email_normalize(self.address) or self.user_id.email_formatted],
            content.title,
            self._to_html(content, is_rtl),
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

    @api.model
    def _to_html(self, message, is_rtl=False):
        """The message as HTML that mail programs and phones show.

        :param is_rtl: whether its language is written from right to left
        """
        if message.html is not None:
            return message.html
        pictures = [LINE_PICTURE_NAME % place for place in range(len(message.lines))]
        values = {"message": message, "is_rtl": is_rtl, "picture_name": PICTURE_NAME}
        values |= {"lines": list(zip(message.lines, pictures, strict=True))}
        values |= {"signs": SIGNS, "colours": COLOURS}
        # The same for everybody; what it says was read as somebody.
        views = self.env["ir.qweb"].sudo()
        return str(views._render("kpi_base.message", values)).strip()


class Transmission:
    """A message handed to a connection, and what comes of it."""

    def __init__(self, delivery, message):
        self.delivery = delivery
        self.message = message
        self.error = None
        self.has_left = threading.Event()
        self.is_done = threading.Event()
        self.lock = threading.Lock()  # of is_done and is_alone
        self.is_alone = False

    def note_done(self, registry, error=None):
        """Note the outcome, and mark the message where nobody waits for it."""
        self.error = cause = _smtp_error(error)
        said = smtp_answer(cause)
        if is_refused_for_good(cause):
            self.error = DeliveryRefused(said or str(cause))
        elif error and self.has_left.is_set() and not said:
            self.error = DeliveryUnconfirmed(str(cause))
            self.error.__cause__ = cause
        with self.lock:
            self.is_done.set()
        if not self.is_alone:
            return
        with statement_cursor(registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            delivery = env["kpi.delivery"].browse(self.delivery.id)
            if error:
                delivery._mark_error(self.error)
            else:
                delivery._mark("sent")


class MailConnection(threading.Thread):
    """A connection to a mail server, for the messages of a run: one after the other.

    A message that takes too long is given up. Before the dot that ends it nothing has
    left: the connection is broken. After it the server may have taken the message, so
    the thread waits for the answer, alone if that takes longer than the run, and marks
    the message with it. Either way nothing else is sent on this connection.

    Odoo's own limit of a minute holds for every single answer. The thread has a cursor
    of its own: the server's settings, and log-ins that need the database, are read
    there, whatever becomes of the sender's.
    """

    def __init__(self, registry, company_id):
        super().__init__(daemon=True, name="kpi-delivery")
        self.registry = registry
        self.company_id = company_id
        self.run_number = 0
        self.session = None
        self.sent_count = 0  # in this session
        self.is_over = False
        self.transmission = None
        self.waiting = SimpleQueue()
        self.start()

    def is_usable(self):
        return self.is_alive() and not self.is_over

    def send(self, delivery, message):
        """Send within the time; raise what went wrong."""
        transmission = self.transmission = Transmission(delivery, message)
        self.waiting.put(transmission)
        if not self.is_alive():  # it ended before it could take the message
            transmission.is_done.set()
            raise ConnectionError("The connection has ended.")
        is_done = transmission.is_done.wait(SEND_SECONDS)
        if not is_done and transmission.has_left.is_set():
            if not transmission.is_done.wait(DOT_SECONDS):
                self.is_over = True
                with transmission.lock:
                    if not transmission.is_done.is_set():
                        delivery._hold_claim(self.run_number)
                        transmission.is_alone = True
                        raise DeliveryUnanswered
        elif not is_done:
            self._break()
            raise TimeoutError(f"No answer within {SEND_SECONDS} seconds.")
        if transmission.error:
            raise transmission.error

    def close(self):
        """End the connection, unless a message on it is still waited for."""
        if self.is_usable():
            self.waiting.put(None)
            self.join(PARTING_SECONDS)
            if self.is_alive():
                self._break()

    def run(self):
        try:
            with statement_cursor(self.registry) as cr, claiming_run(cr) as run:
                self.run_number = run
                env = api.Environment(cr, SUPERUSER_ID, {})
                while not self.is_over and (transmission := self.waiting.get()):
                    failure = None
                    try:
                        self._send(env, transmission)
                    except Exception as error:
                        self._drop()
                        failure = error
                    # While the claim is held: nobody else marks it.
                    transmission.note_done(self.registry, failure)
                self._part()
        except Exception as error:
            transmission = self.transmission
            # Else only the end of the session went wrong.
            if transmission and not transmission.is_done.is_set():
                transmission.note_done(self.registry, error)

    def _send(self, env, transmission):
        """Send a message; again where its server had closed the connection before."""
        session = self.session
        is_kept = session and session.sock and self.sent_count < MOST_MESSAGES
        if is_kept:
            # The answer to the message before could take longer.
            session.sock.settimeout(SMTP_TIMEOUT)
        else:
            self._part()
        try:
            self._transmit(env, transmission)
        except Exception as error:
            has_left = transmission.has_left.is_set()
            # the server has ended the connection, rather than refused a message
            is_cut = is_server_failure(_smtp_error(error))
            if not is_kept or has_left or self.is_over or not is_cut:
                raise
            self._drop()
            self._transmit(env, transmission)

    def _transmit(self, env, transmission):
        servers = env["ir.mail_server"].with_company(self.company_id)
        if not self.session:
            servers.invalidate_model()  # settings may have changed
            self.session = servers._connect__(smtp_from=transmission.message["From"])
            if self.is_over:
                raise ConnectionAbortedError
            self._watch_for_dot()
        servers.send_email(transmission.message, smtp_session=self.session)
        self.sent_count += 1

    def _watch_for_dot(self):
        """Note when the session has sent the end of a message, and wait longer."""
        session, send = self.session, self.session.send

        def send_and_note(data):
            send(data)
            if isinstance(data, bytes) and data.endswith(b"\r\n.\r\n"):
                session.sock.settimeout(ANSWER_SECONDS)
                self.transmission.has_left.set()

        session.send = send_and_note

    def _part(self):
        """End the session by leave of the server, which has little time to answer."""
        if self.session and self.session.sock:
            with suppress(smtplib.SMTPException, OSError):
                self.session.sock.settimeout(PARTING_SECONDS)
                self.session.quit()
        self._drop()

    def _drop(self):
        """End the session without a word: the server may no longer answer."""
        if self.session:
            self.session.close()
        self.session, self.sent_count = None, 0

    def _break(self):
        """Break the connection: nothing leaves, and a thread that waits wakes up."""
        self.is_over = True
        self.waiting.put(None)
        session = self.session
        if session and session.sock:
            with suppress(OSError):
                session.sock.shutdown(socket.SHUT_RDWR)


def _smtp_error(error):
    """Return the mail server's error from inside Odoo's own."""
    if isinstance(error, MailDeliveryException) and error.__context__:
        return error.__context__
    return error
