import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import {
    KpiAchievementField,
    kpiAchievementField,
} from "@kpi_tracking/eager/achievement_bar/kpi_achievement_field";

/** The value of a KPI in percent of its target, as a bar in the color of its status. */
export class TargetShareField extends KpiAchievementField {
    get label() {
        const { is_running: isRunning } = this.props.record.data;
        return isRunning ? _t("Of target to date") : _t("Of target");
    }
}

registry.category("fields").add("kpi_target_share", {
    ...kpiAchievementField,
    component: TargetShareField,
    displayName: _t("Share of the target"),
});
