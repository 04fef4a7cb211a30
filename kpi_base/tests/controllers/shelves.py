"""A family of paths as the author of an addon declares it, for the tests.

It has things, which nothing stores, and teams of ``kpi.team``.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from odoo import Command, http
from odoo.exceptions import MissingError
from odoo.http import request

from ...controllers.prefix import PREFIXES, RestPrefix
from ...rest.route import route
from ...rest.rows import find_record, read_page, row, verify_unchanged
from ...schemas.base import (
    Answer,
    Archived,
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Number,
    Page,
    Reference,
    Row,
    RowQuery,
    Word,
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
    name: str
    active: bool
    company: Reference
    leader: Reference | None
    linked_model: Kind | None
    linked_id: int
    create_date: Moment


class TeamQuery(RowQuery):
    row: ClassVar = TeamOut


class TeamsQuery(ListQuery):
    row: ClassVar = TeamOut
    sortable: ClassVar = ("name", "create_date")

    name: Annotated[Word | None, Filter("name", "ilike")] = None
    number: Annotated[int | None, Filter("linked_id")] = None
    leader_id: Annotated[Id | None, Filter("leader_id")] = None
    kind: Annotated[Kind | None, Filter("linked_model")] = None
    joined: Annotated[date | None, Filter("member_ids.date_from", ">=")] = None
    active: Archived = None


class PlacesQuery(ListQuery):
    """Another list of the same rows."""

    row: ClassVar = TeamOut


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
                raise MissingError("team 4711 of Secret Ltd")
            raise ZeroDivisionError("4711 / 0")

    return ShelvesApi, ThingApi


def _make_team_controllers():
    class TeamApi(http.Controller):
        @route(
            f"{PREFIX}/teams",
            summary="Teams",
            query=TeamsQuery,
            response=Page[TeamOut],
        )
        def list_teams(self, query):
            return read_page(TEAM, query)

        @route(
            f"{PREFIX}/places",
            summary="Teams once more",
            query=PlacesQuery,
            response=Page[TeamOut],
        )
        def list_places(self, query):
            return read_page(TEAM, query)

        @route(
            f"{PREFIX}/teams/<kpi_id:team_id>",
            summary="One team",
            query=TeamQuery,
            response=TeamOut,
        )
        def get_team(self, team_id, query):
            return row(find_record(TEAM, team_id), query)

        @route(
            f"{PREFIX}/teams",
            methods=["POST"],
            summary="Found a team",
            body=TeamIn,
            response=TeamOut,
            status=201,
            example={"name": "Red"},
        )
        def create_team(self, body):
            stays = []
            if body.joined and body.leader_id:
                stay = {"user_id": body.leader_id, "date_from": body.joined}
                stays = [Command.create(stay)]
            team = request.env[TEAM].create(
                {
                    "name": body.name,
                    "linked_model": body.kind,
                    "linked_id": body.number,
                    "leader_id": body.leader_id,
                    "member_ids": stays,
                }
            )
            return row(team, TeamQuery())

        @route(
            f"{PREFIX}/teams/<kpi_id:team_id>",
            methods=["PATCH"],
            summary="Change a team",
            body=TeamChange,
            response=TeamOut,
            example={"name": "Blue"},
        )
        def change_team(self, team_id, body):
            team = verify_unchanged(find_record(TEAM, team_id), TeamQuery())
            team.write(body.model_dump(exclude_unset=True))
            return row(team, TeamQuery())

        @route(
            f"{PREFIX}/teams/<kpi_id:team_id>",
            methods=["DELETE"],
            summary="Dissolve a team",
        )
        def remove_team(self, team_id):
            verify_unchanged(find_record(TEAM, team_id), TeamQuery()).unlink()

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
