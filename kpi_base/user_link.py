"""Records that name a person, and their fate when the person leaves.

Each addon names its own, so that nothing is forgotten when somebody goes::

    class KpiUserLink(models.AbstractModel):
        _inherit = "kpi.user.link"

        @api.model
        def _get_links(self):
            return [*super()._get_links(), UserLink("my.visit", "owner_id", HAND_OVER)]

What connects the person with something says so, and is listed in *My Connections*::

    UserLink(
        "my.key",
        "user_id",
        END,
        ending="action_revoke",
        connection=Connection(self.env._("Key"), last_used="used_at"),
    )
"""

from dataclasses import dataclass
from typing import Literal

HAND_OVER = "hand_over"  # somebody else has to take it on, or nobody looks after it
END = "end"  # it was for this person, and ends with them
STAY = "stay"  # it says who did something, and goes on saying so

OnLeaving = Literal["hand_over", "end", "stay"]


@dataclass(frozen=True)
class Connection:
    """How records are listed that let something act as a person, or reach them.

    :param kind: what people call them, in their language
    :param shown_as: path to the text by which people know one; empty = its own name
    :param since: field with the moment since when it is connected
    :param last_used: field with the moment when it was used last; empty = not known
    :param domain: which records still connect anything, beside that of the link
    :param asks_password: whether the person enters the password before one ends
    """

    kind: str
    shown_as: str = ""
    since: str = "create_date"
    last_used: str = ""
    domain: tuple = ()
    asks_password: bool = False


@dataclass(frozen=True)
class UserLink:
    """A field that names people.

    :param field: a many2one or many2many to users
    :param on_leaving: what becomes of its records when the person leaves
    :param domain: which records count; those that are over need nobody
    :param ending: method of the records by which they end; that of a many2many takes
        the people who are taken off, who are just forgotten without one
    :param connection: how the person finds and ends them; None = they are none
    """

    model: str
    field: str
    on_leaving: OnLeaving
    domain: tuple = ()
    ending: str = ""
    connection: Connection | None = None
