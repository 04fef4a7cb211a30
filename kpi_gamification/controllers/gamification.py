from functools import partial

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import read_values

from ..schemas import gamification as schemas

PREFIX = "/api/gamification"
GamificationResource = partial(Resource, scope="gamification")
ACHIEVEMENTS = GamificationResource(
    f"{PREFIX}/achievements/<kpi_id:achievement_id>", schemas.AchievementOut
)
AWARDS = GamificationResource(f"{PREFIX}/awards", schemas.AwardOut)
STREAKS = GamificationResource(f"{PREFIX}/streaks", schemas.StreakOut)
BOARDS = GamificationResource(
    f"{PREFIX}/leaderboards/<kpi_id:leaderboard_id>", schemas.LeaderboardOut
)
KUDOS = GamificationResource(f"{PREFIX}/kudos/<kpi_id:kudos_id>", schemas.KudosOut)
ENTRIES = GamificationResource(f"{PREFIX}/points/entries", schemas.EntryOut)


class GamificationApi(
    RestPrefix, http.Controller, prefix=PREFIX, title="Achievements API"
):
    """The family of paths of achievements: what the screens show, and no more."""

    list_achievements = ACHIEVEMENTS.list("Achievements", "rarity active")
    get_achievement = ACHIEVEMENTS.get("One achievement")
    list_awards = AWARDS.list("What people earned, and show", "user_id achievement_id")
    list_streaks = STREAKS.list(
        "Streaks that people show", "user_id kpi_id streak_type"
    )
    list_leaderboards = BOARDS.list("Leaderboards", "leaderboard_type active")
    get_leaderboard = BOARDS.get("One leaderboard")
    list_kudos = KUDOS.list("Kudos", "user_id giver_id report_id", sortable="day")
    get_kudos = KUDOS.get("One of the kudos")
    list_points = ENTRIES.list("The user's own points", "origin", sortable="day")

    @BOARDS.part(
        "board",
        "Places of a period",
        query=schemas.BoardQuery,
        response=schemas.BoardOut,
    )
    def get_board(self, board, query):
        """The first three, the user's place and two neighbours each side."""
        return board.get_board(query.day)

    @KUDOS.post(
        "Thank a colleague",
        schemas.KudosIn,
        example={"user_id": 7, "text": "Quick answers", "period_start": "2027-01-31"},
    )
    def create_kudos(self, kudos, body):
        """From the key's user, as long as some are left this month."""
        return kudos.create(read_values(body, kudos))

    @route(
        f"{PREFIX}/points",
        summary="Points that the user has",
        scope="gamification.read",
        response=schemas.BalanceOut,
    )
    def get_points(self):
        """In the company of the request. Only your own are returned."""
        return {"points": request.env["kpi.points.balance"]._get_mine()}
