from functools import partial

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_values

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
CHALLENGES = GamificationResource(
    f"{PREFIX}/challenges/<kpi_id:challenge_id>", schemas.ChallengeOut
)
REWARDS = GamificationResource(
    f"{PREFIX}/rewards/<kpi_id:reward_id>", schemas.RewardOut
)
ORDERS = GamificationResource(
    f"{PREFIX}/reward-requests/<kpi_id:order_id>", schemas.OrderOut
)
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
    list_challenges = CHALLENGES.list(
        "Challenges that the user sees", "challenge_type is_ended", sortable="date_from"
    )
    get_challenge = CHALLENGES.get("One challenge")
    list_rewards = REWARDS.list("Rewards", "active", sortable="price")
    get_reward = REWARDS.get("One reward")
    list_orders = ORDERS.list("Rewards that were requested", "state reward_id")
    get_order = ORDERS.get("One request of a reward")
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

    @CHALLENGES.part(
        "board", "Places of a challenge", response=schemas.ChallengeBoardOut
    )
    def get_challenge_board(self, challenge):
        """Of a duel its two people read places, no one else."""
        return challenge.get_board()

    @CHALLENGES.act("accept", "Accept an invitation", is_verified=False)
    def accept_challenge(self, challenge):
        """For the key's user, and the groups that they lead."""
        challenge._find_own_invitations().action_accept()

    @CHALLENGES.act("decline", "Decline an invitation, or leave", is_verified=False)
    def decline_challenge(self, challenge):
        """Leaving is possible before the first day."""
        challenge._find_own_invitations().action_decline()

    @ORDERS.post("Request a reward", schemas.OrderIn, example={"reward_id": 4})
    def create_order(self, orders, body):
        """For points of the key's user."""
        reward = find_record("kpi.reward", body.reward_id)
        return orders.browse(reward.action_order()["res_id"])

    @route(
        f"{PREFIX}/choice",
        summary="Visibility of the user's achievements",
        scope="gamification.read",
        response=schemas.ChoiceOut,
    )
    def get_choice(self):
        """In the company of the request."""
        return {"choice": request.env["kpi.gamification.choice"].get_choice()}

    @route(
        f"{PREFIX}/choice",
        methods=["PUT"],
        summary="Choose whether to take part, and who sees it",
        scope="gamification.write",
        body=schemas.ChoiceIn,
        example={"choice": "shown"},
        response=schemas.ChoiceOut,
    )
    def put_choice(self, body):
        """In the company of the request, for the key's user."""
        choices = request.env["kpi.gamification.choice"]
        choices.choose(body.choice)
        return {"choice": choices.get_choice()}

    @route(
        f"{PREFIX}/points",
        summary="Points that the user has",
        scope="gamification.read",
        response=schemas.BalanceOut,
    )
    def get_points(self):
        """In the company of the request. Only your own are returned."""
        return {"points": request.env["kpi.points.balance"]._get_mine()}
