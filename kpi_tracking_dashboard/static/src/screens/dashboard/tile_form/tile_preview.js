import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { Tile } from "../tiles/tile";
import { tiles } from "../tiles/tile_registry";
import { suggested, valuesOf } from "./tile_values";

const WAIT = 250; // milliseconds after the last change
const COLUMNS = 12;
const GAP = 16; // pixels
const NOTHING = () => {};

/** The tile that a form describes, with its real numbers and at its real size. */
export class TilePreview extends Component {
    static template = "kpi_tracking_dashboard.TilePreview";
    static components = { Tile };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.state = useState({ error: "", tile: null });
        this.actions = { cross: NOTHING, drill: NOTHING, follow: NOTHING };
        this.gridWidth = browser.innerWidth;
        Object.assign(suggested, { breakdowns: [], title: "" });
        const later = useDebounced((values) => this.load(values), WAIT);
        let isFirst = true;
        useRecordObserver((record) => {
            const values = valuesOf(record);
            (isFirst ? (each) => this.load(each) : later)(values);
            isFirst = false;
        });
    }

    get isAsked() {
        const { definition_ids, kind, report_ids } = this.props.record.data;
        return tiles.get(kind, {}).isFree || definition_ids.count + report_ids.count > 0;
    }

    /** As wide as on the dashboard, as far as there is room for it. */
    get width() {
        const { span } = this.props.record.data;
        const column = (this.gridWidth - GAP * (COLUMNS + 1)) / COLUMNS;
        return column > 20 ? `${Math.round(span * column + GAP * (span - 1))}px` : "100%";
    }

    async load(values) {
        const { context, data } = this.props.record;
        const args = [[data.dashboard_id.id], values, context.kpi_dashboard_options || {}];
        try {
            const answer = await this.last.add(
                this.orm.silent.call("kpi.dashboard", "preview", args),
            );
            Object.assign(this.state, { error: "", tile: answer.tile });
            Object.assign(suggested, { breakdowns: answer.breakdowns, title: answer.title });
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The tile cannot be shown."));
        }
    }
}

registry.category("view_widgets").add("kpi_tile_preview", { component: TilePreview });
