"""A family of paths as the author of an addon declares it, for the tests.

It has things, which nothing stores, and teams of ``kpi.team``.
"""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from odoo import Command, http
from odoo.exceptions import MissingError

from ...controllers.prefix import PREFIXES, RestPrefix
from ...rest.resource import Resource
from ...rest.route import route
from ...schemas.base import (
    Answer,
    Body,
    Day,
    Fields,
    Filter,
    Id,
    Name,
    Number,
    Row,
)
from .api_case import ApiCase

PREFIX = "/api/shelves"
TEAM = "kpi.team"
Kind = Literal["sales", "service"]


class ThingOut(Answer):
    id: UUID
    name: str


class Weight(Body):
    value: Number


class TeamOut(Row):
    of: ClassVar = Fields(
        "kpi.team",
        "name active company! leader linked_model linked_id create_date!",
        {"linked_id": "Of another program"},
    )

    linked_model: Kind | None


class TeamIn(Body):
    name: Name
    kind: Kind | None = None
    number: int = Field(0, ge=0)
    leader_id: Id | None = None
    joined: Day | None = None


class TeamChange(Body):
    name: Name | None = None
    active: bool | None = None


def make_controllers():
    """Controllers as an addon brings them along, registered by being made."""
    return [*_make_thing_controllers(), *_make_team_controllers()]


def _make_thing_controllers():
    class ShelvesApi(RestPrefix, http.Controller, prefix=PREFIX, title="Shelves"):
        """A family of paths beside that of KPIs."""

    class ThingApi(http.Controller):
        @route(
            f"{PREFIX}/things/<uuid:thing_id>",
            summary="One thing",
            response=ThingOut,
            deprecated=date(2026, 1, 1),
            sunset=date(2027, 1, 1),
        )
        def get_thing(self, thing_id):
            return {"id": thing_id, "name": "Paper"}

        @route(
            f"{PREFIX}/things/<uuid:thing_id>",
            methods=["DELETE"],
            summary="Throw a thing away",
        )
        def remove_thing(self, thing_id):
            return None

        @route(
            f"{PREFIX}/weights",
            methods=["POST"],
            is_safe=True,
            summary="Weigh a thing",
            body=Weight,
            response=Weight,
            example={"value": 1.5},
        )
        def weigh(self, body):
            return body

        @route(
            f"{PREFIX}/faults/<string:name>",
            summary="Everything that goes wrong",
            response=ThingOut,
        )
        def get_fault(self, name):
            if name == "missing":
                raise MissingError("team hush of Secret Ltd")
            raise ZeroDivisionError("hush / 0")

    return ShelvesApi, ThingApi


def _make_team_controllers():
    teams = Resource(f"{PREFIX}/teams/<kpi_id:team_id>", TeamOut)

    class TeamApi(http.Controller):
        list_teams = teams.list(
            "Teams",
            "leader_id active",
            sortable="name create_date created_at linked_id",
            name=Filter("name", "ilike"),
            number=Filter("linked_id", kind=int),
            kind=Filter("linked_model", kind=Kind),
            joined=Filter("member_ids.date_from", ">=", date),
        )
        list_places = teams.list("Teams once more", path=f"{PREFIX}/places")
        get_team = teams.get("One team")

        @teams.post("Found a team", TeamIn, example={"name": "Red"})
        def create_team(self, records, body):
            stays = []
            if body.joined and body.leader_id:
                stay = {"user_id": body.leader_id, "date_from": body.joined}
                stays = [Command.create(stay)]
            return records.create(
                {
                    "name": body.name,
                    "linked_model": body.kind,
                    "linked_id": body.number,
                    "leader_id": body.leader_id,
                    "member_ids": stays,
                }
            )

        @teams.change("Change a team", TeamChange, example={"name": "Blue"})
        def change_team(self, team, body):
            team.write(body.model_dump(exclude_unset=True))

        @teams.remove("Dissolve a team")
        def remove_team(self, team):
            team.unlink()

    return (TeamApi,)


class ShelvesCase(ApiCase):
    """The paths above are served while these tests run."""

    prefix = PREFIX

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        known = http.Controller.children_classes["kpi_base"]
        made = make_controllers()
        cls.registry.clear_cache("routing")

        def forget():
            for controller in made:
                known.remove(controller)
            PREFIXES.discard(PREFIX)
            cls.registry.clear_cache("routing")

        cls.addClassCleanup(forget)
        cls.team = cls.env["kpi.team"].create({"name": "Visits"})
