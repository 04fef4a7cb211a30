import { Component, onPatched, onWillPatch, useRef, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { CertifiedBadge } from "@kpi_tracking/eager/certified/certified_badge";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";
import { instant } from "../kpi_data";
import { COLUMNS } from "../tile_layout";
import { hasTable } from "../tile_table";
import { TileBody } from "./tile_body";
import { TileNotes } from "./tile_notes";
import { tiles } from "./tile_registry";
import { TileTable } from "./tile_table_view";
import { formatMoment } from "@kpi_base/eager/formatting/reader";

const ROW = 10.25; // rem, as in the style sheet

/** Pixels of a column and a row; narrow screens have widths of their own. */
function stepOf(grid) {
    const style = getComputedStyle(grid);
    const columns = style.gridTemplateColumns.split(" ").length;
    const side = localization.direction === "rtl" ? -1 : 1;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return {
        isWide: columns === COLUMNS,
        x: (side * grid.clientWidth) / columns,
        y: ROW * rem,
    };
}

/** A tile's frame: its title, status, state and menu around what it shows. */
export class Tile extends Component {
    static template = "kpi_tracking_dashboard.Tile";
    static components = {
        CertifiedBadge,
        Dropdown,
        DropdownItem,
        StatusChip,
        TileBody,
        TileNotes,
        TileTable,
    };
    static props = {
        actions: { type: Object },
        canEdit: { type: Boolean },
        isEditing: { type: Boolean },
        place: { type: String }, // in words
        tile: { type: Object },
    };

    setup() {
        this.state = useState({ isTable: false });
        this.handle = useRef("handle");
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepFocus();
    }

    /** A tile that is moved by keys stays under them: elsewhere in the page it loses focus. */
    keepFocus() {
        let isHeld = false;
        onWillPatch(() => {
            isHeld = Boolean(this.handle.el) && document.activeElement === this.handle.el;
        });
        onPatched(() => isHeld && this.handle.el?.focus());
    }

    get kpi() {
        return this.props.tile.kpi;
    }

    get isKpi() {
        return !tiles.get(this.props.tile.kind, {}).isFree;
    }

    /** What is not available has no name but that, which stands in its middle. */
    get title() {
        const { state, title } = this.props.tile;
        return state === "unavailable" ? "" : title;
    }

    get isShown() {
        return ["ok", "lazy"].includes(this.props.tile.state);
    }

    /** One KPI in lines, which has them without a value, too. */
    get isCard() {
        const { card, gauge, kind, kpi, state } = this.props.tile;
        const isOne = kind === "card" && ["metric", "trend"].includes(card?.style);
        const isDrawn = isOne || (kind === "gauge" && !gauge);
        return Boolean(kpi) && isDrawn && (this.isShown || state === "no_data");
    }

    /** While tiles are arranged there is no way on from them. */
    get shownTile() {
        const { isEditing, tile } = this.props;
        return isEditing && tile.way ? { ...tile, way: undefined } : tile;
    }

    get hasTable() {
        return this.isShown && hasTable(this.props.tile);
    }

    get notes() {
        return this.props.tile.notes || [];
    }

    get said() {
        const { message, state } = this.props.tile;
        const words = {
            error: _t("Could not calculate this tile."),
            no_data: _t("No data"),
            unavailable: _t("Not available"),
        };
        return message || words[state];
    }

    /** What is said below a tile. */
    get note() {
        const { is_expected_stale, message } = this.props.tile;
        const updating = is_expected_stale ? _t("Forecasts are being updated.") : "";
        return [message, updating].filter(Boolean).join(" ");
    }

    /** Late numbers say so, and of when they are. */
    get stale() {
        const { as_of, is_stale } = this.props.tile;
        if (!is_stale) {
            return "";
        }
        return as_of ? _t("Stale: last updated %s", formatMoment(instant(as_of))) : _t("Stale");
    }

    /** Its title, with the finding for the chart of one KPI. */
    get heading() {
        const { finding, title } = this.props.tile;
        return [title, finding].filter(Boolean).join(" · ");
    }

    get classes() {
        const { isEditing, tile } = this.props;
        return {
            o_kpi_tile_editing: isEditing,
            [`o_kpi_tile_${tile.kind}`]: true,
            [`o_kpi_tile_is_${tile.state}`]: true,
            // words without a text head the tiles below them
            o_kpi_tile_heading: tile.kind === "text" && !tile.html,
            o_kpi_lines_frame: this.isCard && !isEditing,
            o_kpi_tile_grown: Boolean(tile.kpi) || tile.kind === "text",
            o_kpi_tile_small: tile.span <= 4,
            o_kpi_tile_untitled: !tile.title,
            o_kpi_tile_wide: tile.span > 6,
        };
    }

    get canDrill() {
        const { report_ids, view } = this.props.tile;
        const isStored = this.props.tile.id > 0;
        return isStored && this.isShown && Boolean(view || (this.isKpi && report_ids?.length));
    }

    get canAnnotate() {
        return this.canDrill && this.isKpi;
    }

    /** The KPI of a tile that shows one; false where there are several, or none. */
    get onlyReportId() {
        const { kpi, report_ids } = this.props.tile;
        return kpi?.report_id || (report_ids?.length === 1 && report_ids[0]);
    }

    get isDraft() {
        return this.props.tile.id < 0;
    }

    drill() {
        const { actions, tile } = this.props;
        return actions.drill(tile, { report_id: tile.kpi?.report_id });
    }

    /** Opens what a method of the tile's one KPI returns, for menus of addons. */
    async openOfKpi(method) {
        const asked = this.orm.call("kpi.report", method, [[this.onlyReportId]]);
        return this.action.doAction(await asked);
    }

    /** The corner of a tile is dragged, by mouse, pen or finger: it takes whole columns. */
    startResize(ev) {
        ev.preventDefault();
        const corner = ev.currentTarget;
        const from = { x: ev.clientX, y: ev.clientY, ...this.props.tile };
        const step = stepOf(corner.closest(".o_kpi_grid"));
        const follow = ({ clientX, clientY }) => {
            const { actions, tile } = this.props;
            const across = step.isWide ? Math.round((clientX - from.x) / step.x) : 0;
            const span = Math.min(Math.max(from.span + across, 1), COLUMNS);
            const height = from.height + Math.round((clientY - from.y) / step.y);
            span === tile.span || actions.widen(tile, span - tile.span);
            height === tile.height || actions.heighten(tile, height - tile.height);
        };
        const stop = () => {
            corner.removeEventListener("pointermove", follow);
            corner.removeEventListener("pointerup", stop);
            corner.removeEventListener("pointercancel", stop);
        };
        corner.setPointerCapture(ev.pointerId);
        corner.addEventListener("pointermove", follow);
        corner.addEventListener("pointerup", stop);
        corner.addEventListener("pointercancel", stop);
    }

    /** Arrows move the tile that is held, with Shift they change its size. */
    onKeydown(ev) {
        const { actions, tile } = this.props;
        const forward = localization.direction === "rtl" ? -1 : 1;
        const steps = { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -1, ArrowDown: 1 };
        const step = steps[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const isAcross = ["ArrowLeft", "ArrowRight"].includes(ev.key);
        if (!ev.shiftKey) {
            actions.move(tile, step);
        } else if (isAcross) {
            actions.widen(tile, step);
        } else {
            actions.heighten(tile, step);
        }
    }
}
