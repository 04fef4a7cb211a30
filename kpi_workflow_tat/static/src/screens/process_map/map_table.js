import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { count, tellTime } from "./map_words";

/** The numbers of a process map as tables. */
export class MapTable extends Component {
    static template = "kpi_workflow_tat.MapTable";
    static props = {
        map: { type: Object },
        onActivity: { type: Function },
        onPath: { type: Function },
    };

    count = count;
    tellTime = tellTime;

    name(number, edge) {
        const found = this.props.map.activities.find((one) => one.number === number);
        return found?.name || edge;
    }

    tellEnds(path) {
        return {
            source: this.name(path.source, _t("Start")),
            target: this.name(path.target, _t("End")),
        };
    }
}
