from typing import Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas.base import Body, GivenDay, Id, Nothing, Text

Edge = Literal[-1]


class RequestOptions(Body):
    """Which requests a screen is about.

    :ivar date_from: first day that counts
    :ivar date_to: first day that does not count
    """

    template_id: Id | Nothing = None
    department_id: Id | Nothing = None
    date_from: GivenDay | Nothing = None
    date_to: GivenDay | Nothing = None


class MapOptions(RequestOptions):
    """Which requests a process map is about, by the days on which they were submitted.

    :ivar share: percent of all that happened that is drawn at least
    """

    share: int = Field(default=100, ge=1, le=100)


class MapPath(Body):
    """Names of what follows on what; -1 = the begin or the end of a case.

    :ivar source: None: ``target`` alone is meant, after any step
    """

    source: Text | Edge | None = None
    target: Text | Edge

    @model_validator(mode="after")
    def check_activity(self):
        """Refuse a path that names no activity."""
        if not any(isinstance(end, str) for end in (self.source, self.target)):
            raise ValueError("a path names an activity")
        return self

    def describe(self, translate) -> str:
        """Name the path for its list of requests."""
        if self.source is None:
            return self.target
        if self.source == -1:
            return translate("Begins with %s", self.target)
        if self.target == -1:
            return translate("Ends with %s", self.source)
        return f"{self.source} → {self.target}"
