import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { screenOnDemand } from "@kpi_base/eager/on_demand/on_demand";

const SCREENS = "kpi_gamification.assets_screens";

class MyAchievementsAction extends screenOnDemand("kpi_gamification.MyAchievements", SCREENS) {
    static path = "achievements";
    static displayName = _t("My Achievements");
}

class StandingsAction extends screenOnDemand("kpi_gamification.Standings", SCREENS) {
    static path = "kpi-standings";
    static displayName = _t("Standings");
}

class ReviewAction extends screenOnDemand("kpi_gamification.AchievementReview", SCREENS) {
    static path = "kpi-achievement-review";
    static displayName = _t("Review");
}

registry
    .category("actions")
    .add("kpi_gamification.my_achievements", MyAchievementsAction)
    .add("kpi_gamification.standings", StandingsAction)
    .add("kpi_gamification.achievement_review", ReviewAction);
