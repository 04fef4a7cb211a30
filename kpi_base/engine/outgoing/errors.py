"""What can go wrong with a call, in words for whoever typed the address."""

from ..fault import Fault


class OutgoingError(Exception):
    """A call that did not come to an answer."""


class OutgoingRefused(OutgoingError, Fault):
    """The address or the message is not allowed: another attempt is of no use."""


class OutgoingFailed(OutgoingError, OSError):
    """No answer: the network, the far server, or our patience; later it may work."""
