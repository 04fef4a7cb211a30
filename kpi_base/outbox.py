"""Outcomes of sending a message other than that it was sent.

Adapters (``_send_<channel>`` of ``kpi.delivery``) raise them; whatever else they raise
is tried again.
"""


class DeliveryRefused(Exception):
    """Not to be tried again; the text is for the administrator."""


class DeliveryUnanswered(Exception):
    """It has left, and whoever waits for the answer marks it: nobody else sends it."""


class DeliveryUnconfirmed(Exception):
    """It has left, and no answer came: it may have arrived."""


class DeliverySkipped(Exception):
    """Not to be sent to this receiver; the text is for the administrator."""


class DeliveryLater(Exception):
    """The server said when to come back (429 or 503 with Retry-After).

    :param seconds: from now on; the server is left alone as long, for all messages
    """

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


class DeliveryGone(DeliveryRefused):
    """The receiver is no longer there and says so: it will never take anything."""
