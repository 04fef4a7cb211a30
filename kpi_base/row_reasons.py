"""Why a row of a file cannot be imported: all of its reasons, each with its place."""

from contextlib import contextmanager

from odoo.exceptions import UserError


class RefusedRow(UserError):
    """Refusal of a row.

    :ivar reasons: pairs of a sentence and the keys of the columns whose cells are the
        reason
    :ivar unknown: pairs of the key of a column and a text that names no record, or
        several
    """

    def __init__(self, reasons, unknown=()):
        self.reasons, self.unknown = list(reasons), list(unknown)
        super().__init__(" ".join(dict.fromkeys(text for text, _ in self.reasons)))


class RowReasons(list):
    """Pairs as of ``RefusedRow``, collected while a row is looked at::

    found = RowReasons()
    with found.noting("agent"):
        values["agent_id"] = find_agent(given)
    if amount < 0:
        found.add(env._("The amount is negative."), "amount")
    found.check()
    """

    def __init__(self):
        super().__init__()
        self.unknown = []

    def add(self, text, *keys):
        self.append((text, keys))

    @contextmanager
    def noting(self, *keys):
        """Note what is refused inside instead of refusing it at once."""
        try:
            yield
        except UserError as error:
            self += list_reasons(error, keys)
            self.unknown += getattr(error, "unknown", ())

    def check(self):
        """
        :raises RefusedRow: there are reasons
        """
        if self:
            raise RefusedRow(self, self.unknown)


def list_reasons(error, keys=()):
    """Pairs as of ``RefusedRow`` of a ``UserError``; of another one with ``keys``."""
    return getattr(error, "reasons", None) or [(str(error), tuple(keys))]
