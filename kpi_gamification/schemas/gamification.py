"""Achievements and awards, streaks, boards, kudos and the user's own points."""

from typing import ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base


class AchievementOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.achievement",
        "name! description criteria badge_color points_value rarity! company! active!",
        {"criteria": "The conditions in a sentence"},
    )


class AwardOut(base.Row):
    """What was earned and is shown."""

    of: ClassVar = base.Fields(
        "kpi.achievement.wall",
        "user! achievement! company! grain! period_start! earned_date!",
    )


class StreakOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.performance.streak",
        "user! kpi! streak_type! grain! current_streak best_streak streak_start_date",
        {"current_streak": "Periods in a row", "streak_start_date": "Of one's own"},
    )
    sources: ClassVar = {"streak_start_date": "since"}


class LeaderboardOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.leaderboard",
        "name! leaderboard_type! ranking_period! score_calculation! company! active!",
    )


class BoardQuery(base.Query):
    day: base.Day | None = Field(None, description="Of the period; default: the latest")


class PlaceOut(base.Answer):
    rank: int | None = Field(description="null: not ranked yet")
    previous_rank: int | None
    name: str
    score: float
    now: float = Field(description="After corrections, of a stored period")
    gap: float | None = Field(description="To the next better score")
    fact_count: int
    is_mine: bool
    is_only_mine: bool = Field(description="Only you see the line")
    is_rank_hidden: bool = Field(description="The rank would show who is last")


class BoardOut(base.Answer):
    period: str
    period_start: str
    is_frozen: bool = Field(description="The period is over, its scores are stored")
    message: str | None = Field(description="Why no one else is shown")
    count: int = Field(description="Who is ranked, as far as they are shown")
    lines: list[PlaceOut]


class KudosOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.kudos", "giver! user! text! report period_start day! company!"
    )


class KudosIn(base.Body):
    user_id: base.Id
    text: base.Name
    report_id: base.Id | None = None
    period_start: base.Day | None = Field(None, description="Any day in the period")


class ChallengeOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.challenge",
        "name! challenge_type! score_calculation! date_from! last_date! is_ended!"
        " company!",
        {"last_date": "The challenge ends with this day"},
    )


class ChallengeBoardOut(base.Answer):
    message: str | None = Field(description="Why no one else is shown")
    lines: list[PlaceOut]


class RewardOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.reward",
        "name! description price! stock company! active!",
        {"stock": "null: unlimited"},
    )


class OrderOut(base.Row):
    of: ClassVar = base.Fields("kpi.reward.order", "reward! price! state! company!")


class OrderIn(base.Body):
    reward_id: base.Id


class ChoiceOut(base.Answer):
    choice: Literal["shown", "hidden", "out"] = Field(
        description="Visible to colleagues, only to oneself, or not participating"
    )


class ChoiceIn(base.Body):
    choice: Literal["shown", "hidden", "out"]


class EntryOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.points.entry",
        "day! points full_points origin! reason company! recorded_at!",
        {"full_points": "That it was worth, before limits"},
    )


class BalanceOut(base.Answer):
    points: int
