import { Component, onError, useState, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { tiles } from "./tile_registry";

/** What a tile shows; an error of its own stays inside. */
export class TileBody extends Component {
    static template = xml`
        <p t-if="state.error" class="o_kpi_tile_said" role="alert" t-out="state.error" />
        <t t-elif="body" t-component="body" tile="props.tile" actions="props.actions" />
        <p t-else="" class="o_kpi_tile_said" role="alert">This tile type is not installed.</p>
    `;
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.state = useState({ error: "" });
        onError((error) => {
            const { data, message } = error.cause || error;
            // What the server says is wrong is in the data of its answer.
            const reason = data?.message || message;
            this.state.error = _t("Could not show this tile: %s", reason);
        });
    }

    get body() {
        return tiles.get(this.props.tile.kind, null)?.component;
    }
}
