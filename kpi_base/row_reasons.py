"""Why a row of a file cannot be imported: all of its reasons, each with its place."""

from contextlib import contextmanager

from odoo.exceptions import UserError


class RefusedRow(UserError):
    """Refusal of a row.

    :ivar reasons: pairs of a sentence and the keys of the columns whose cells are the
        reason
    """

    def __init__(self, reasons):
        self.reasons = list(reasons)
        super().__init__(" ".join(dict.fromkeys(text for text, _ in self.reasons)))


class RowReasons(list):
    """Pairs as of ``RefusedRow``, collected while a row is looked at::

    reasons = RowReasons()
    with reasons.collect("agent"):
        values["agent_id"] = find_agent(given)
    if amount < 0:
        reasons.add(env._("The amount is negative."), "amount")
    reasons.check()
    """

    def add(self, text, *keys):
        self.append((text, keys))

    @contextmanager
    def collect(self, *keys):
        """Note what is refused inside instead of refusing it at once."""
        try:
            yield
        except UserError as error:
            self += list_reasons(error, keys)

    def check(self):
        """
        :raises RefusedRow: there are reasons
        """
        if self:
            raise RefusedRow(self)


def list_reasons(error, keys=()):
    """Pairs as of ``RefusedRow`` of a ``UserError``; of another one with ``keys``."""
    return getattr(error, "reasons", None) or [(str(error), tuple(keys))]
