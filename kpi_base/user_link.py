"""Records that name a person, and their fate when the person leaves.

Each addon names its own, so that nothing is forgotten when somebody goes::

    class KpiUserLink(models.AbstractModel):
        _inherit = "kpi.user.link"

        @api.model
        def _get_links(self):
            return [*super()._get_links(), UserLink("my.visit", "owner_id", HAND_OVER)]
"""

from dataclasses import dataclass
from typing import Literal

HAND_OVER = "hand_over"  # somebody else has to take it on, or nobody looks after it
END = "end"  # it was for this person, and ends with them
STAY = "stay"  # it says who did something, and goes on saying so

OnLeaving = Literal["hand_over", "end", "stay"]


@dataclass(frozen=True)
class UserLink:
    """A field that names people.

    :param field: a many2one or many2many to users
    :param on_leaving: what becomes of its records when the person leaves
    :param domain: which records count; those that are over need nobody
    :param ending: method of the records by which they end; a many2many just forgets
        the person
    """

    model: str
    field: str
    on_leaving: OnLeaving
    domain: tuple = ()
    ending: str = ""
