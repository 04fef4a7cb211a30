import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A bar that fills as people come nearer to a common goal. */
export class TeamGoal extends Component {
    static template = "kpi_gamification.TeamGoal";
    static props = { progress: { type: Object } };

    get percent() {
        return Math.round(100 * this.props.progress.ratio);
    }
}

/** The same on the form of a challenge. */
export class TeamGoalField extends Component {
    static template = "kpi_gamification.TeamGoalField";
    static components = { TeamGoal };
    static props = { ...standardFieldProps };

    get progress() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("kpi_team_goal", {
    component: TeamGoalField,
    supportedTypes: ["json"],
});
