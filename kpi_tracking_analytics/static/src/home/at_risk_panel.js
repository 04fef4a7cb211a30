import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import {
    achievement as formatAchievement,
    compact as formatKpi,
} from "@kpi_base/eager/formatting/formatting";
import { homePanels } from "@kpi_tracking/home/home_panels";
import { percent } from "@kpi_base/eager/formatting/formatting";

/** The last name of a department with those above it, as there is little room. */
function lastOf(scope) {
    return scope.split(" / ").at(-1);
}

/** KPIs that will probably miss their targets, each a way to its chart. */
export class AtRiskPanel extends Component {
    static template = "kpi_tracking_analytics.AtRiskPanel";
    static props = { content: { type: Array, element: Object } };

    setup() {
        this.action = useService("action");
    }

    get rows() {
        return this.props.content.map((row) => {
            const { chance, expected, finding, high, id, low, name, scope, unit } = row;
            const range =
                low === null
                    ? ""
                    : _t("%(low)s to %(high)s", {
                          low: formatKpi(low, unit),
                          high: formatKpi(high, unit),
                      });
            return {
                id,
                name,
                about: [lastOf(scope), finding, range].filter(Boolean).join(" · "),
                expected: formatKpi(expected, unit),
                chance:
                    chance < 1
                        ? _t("Chance below %s", percent(0.01, 0))
                        : _t("Chance %s", formatAchievement(chance)),
            };
        });
    }

    open({ id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: id,
            res_model: "kpi.report",
            views: [[false, "form"]],
        });
    }

    openAll() {
        return this.action.doAction("kpi_tracking_analytics.kpi_predictive_analytics_action");
    }
}

homePanels.add("kpi_tracking_analytics.at_risk", { component: AtRiskPanel, sequence: 5 });
