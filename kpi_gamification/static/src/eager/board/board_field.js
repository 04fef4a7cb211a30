import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Board } from "./board";

/** A leaderboard, period by period, or the standing of a challenge. */
export class BoardField extends Component {
    static template = "kpi_gamification.BoardField";
    static components = { Board };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        // Another period than that of the record, and the record it was chosen for.
        this.chosen = useState({ board: null, id: 0 });
    }

    get board() {
        const { data, resId } = this.props.record;
        return this.chosen.id === resId ? this.chosen.board : data[this.props.name];
    }

    async show(day) {
        const { resId, resModel } = this.props.record;
        const board = await this.orm.call(resModel, "get_board", [resId, day]);
        Object.assign(this.chosen, { board, id: resId });
    }
}

registry.category("fields").add("kpi_board", {
    component: BoardField,
    supportedTypes: ["json"],
});
