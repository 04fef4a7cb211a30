import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { NODE, placeMap } from "./benefit_map_geometry";

/** Drawing of a benefits map; knows nothing of where its records come from. */
export class BenefitMapDrawing extends Component {
    static template = "kpi_benefits.BenefitMapDrawing";
    static props = {
        map: { type: Object },
        onOpen: { type: Function },
    };

    NODE = NODE;

    get drawing() {
        return placeMap(this.props.map);
    }

    /** Base line of the first line of a name, above the value if there is one. */
    nameTop({ lines, record, y }) {
        return y + (record.value ? -6 : 4) - 7 * (lines.length - 1);
    }

    nameAll(keys) {
        const { nodes } = this.props.map;
        return nodes.filter((node) => keys.includes(node.key)).map((node) => node.name);
    }

    /** A box in words, for those who do not see it. */
    tell(record) {
        const { kinds, links } = this.props.map;
        const parts = [kinds[record.kind], record.name, record.value, record.label];
        const needs = links.filter((one) => one.target === record.key).map((one) => one.source);
        const brings = links.filter((one) => one.source === record.key).map((one) => one.target);
        if (needs.length) {
            parts.push(_t("needs %s", this.nameAll(needs).join(", ")));
        }
        if (brings.length) {
            parts.push(_t("leads to %s", this.nameAll(brings).join(", ")));
        }
        return parts.filter(Boolean).join(", ");
    }

    onKey(event, record) {
        if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            this.props.onOpen(record);
        }
    }
}
