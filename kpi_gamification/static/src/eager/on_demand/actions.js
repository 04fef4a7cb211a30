import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { screenOnDemand } from "@kpi_base/eager/on_demand/on_demand";

class MyAchievementsAction extends screenOnDemand(
    "kpi_gamification.MyAchievements",
    "kpi_gamification.assets_screens",
) {
    static path = "achievements";
    static displayName = _t("My Achievements");
}

registry.category("actions").add("kpi_gamification.my_achievements", MyAchievementsAction);
