import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { isReturn, NODE, placeMap } from "./map_geometry";
import { count, labelOf, tellActivity, tellPath } from "./map_words";

/** Drawing of a process map; knows nothing of where its numbers come from. */
export class MapDrawing extends Component {
    static template = "kpi_workflow_tat.MapDrawing";
    static props = {
        map: { type: Object },
        onActivity: { type: Function },
        onPath: { type: Function },
        shown: { type: String },
    };

    NODE = NODE;
    count = count;
    isReturn = isReturn;
    tellActivity = tellActivity;

    get drawing() {
        return placeMap(this.props.map);
    }

    label(path) {
        return labelOf(path, this.props.shown);
    }

    tell({ path, source, target }) {
        return tellPath(path, {
            source: source.activity?.name || _t("Start"),
            target: target.activity?.name || _t("End"),
        });
    }

    labelWidth(path) {
        return 10 + 7 * this.label(path).length;
    }

    onKey(event, act) {
        if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            act();
        }
    }
}
