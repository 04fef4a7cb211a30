"""Records that use others: what to look at before these change or go.

Each addon names its own, so that no panel forgets one::

    class KpiUseLink(models.AbstractModel):
        _inherit = "kpi.use.link"

        @api.model
        def _get_links(self):
            mine = UseLink("kpi.thing", "my.page", "thing_ids", self.env._("Pages"))
            return [*super()._get_links(), mine]
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class UseLink:
    """A field by which records use others.

    :param used: model of what is used
    :param field: of ``model``, or a path from it, to what is used
    :param label: what people call the users, in their language
    :param shown_as: path to the record by which people know a user; empty = itself
    :param is_transitive: whether those that use the users count as well; of a link
        between records of one model
    """

    used: str
    model: str
    field: str
    label: str
    shown_as: str = ""
    is_transitive: bool = False
