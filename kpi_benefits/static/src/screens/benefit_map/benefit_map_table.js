import { Component } from "@odoo/owl";

/** A benefits map as a table: what each of its boxes needs and leads to. */
export class BenefitMapTable extends Component {
    static template = "kpi_benefits.BenefitMapTable";
    static props = {
        map: { type: Object },
        onOpen: { type: Function },
    };

    get rows() {
        const { kinds, links, nodes } = this.props.map;
        const names = new Map(nodes.map((node) => [node.key, node.name]));
        const order = Object.keys(kinds);
        return nodes
            .map((node) => ({
                brings: links
                    .filter((one) => one.source === node.key)
                    .map((one) => names.get(one.target)),
                needs: links
                    .filter((one) => one.target === node.key)
                    .map((one) => names.get(one.source)),
                node,
            }))
            .sort((a, b) => order.indexOf(a.node.kind) - order.indexOf(b.node.kind));
    }
}
