import { Component, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { tiles } from "../tiles/tile_registry";
import { suggested } from "./tile_values";

// Drawn in a box of 48 by 28; what is filled is listed apart from what is a line.
const PICTURES = {
    gauge: { lines: "M8 24a16 16 0 0 1 32 0", bold: "M8 24a16 16 0 0 1 22-14.8" },
    card: { areas: "M8 5h12v6H8zM8 15h22v3H8zM8 21h32v2H8z" },
    line: { lines: "M4 22 14 12l8 5 10-11 12 4" },
    bar: { areas: "M6 14h6v10H6zM16 8h6v16h-6zM26 11h6v13h-6zM36 4h6v20h-6z" },
    area: { areas: "M4 24V20L14 11l9 5L33 6l11 5v13z" },
    stacked: {
        areas: "M8 16h8v8H8zM20 12h8v12h-8zM32 17h8v7h-8z",
        pale: "M8 8h8v7H8zM20 4h8v7h-8zM32 9h8v7h-8z",
    },
    pie: { areas: "M24 14V2a12 12 0 1 1-10.4 18z", pale: "M22 14 12.6 19.5A12 12 0 0 1 22 2z" },
    doughnut: { thick: "M24 5a9 9 0 1 1-8 5", thickPale: "M16.3 9.2A9 9 0 0 1 22.5 5" },
    radar: { lines: "M24 2 37 11l-5 14H16L11 11z", areas: "M24 7l8 5-4 9h-8l-5-8z" },
    scatter: {
        areas: "M8 20h4v4H8zM16 12h4v4h-4zM23 16h4v4h-4zM28 6h4v4h-4zM36 10h4v4h-4zM38 3h4v4h-4z",
    },
    funnel: { areas: "M6 3h36v5H6zM12 10h24v5H12zM17 17h14v5H17zM21 24h6v3h-6z" },
    waterfall: { areas: "M5 12h6v12H5zM15 7h6v5h-6zM25 4h6v4h-6zM35 4h6v20h-6z" },
    heatmap: {
        areas: "M7 3h7v7H7zM23 3h7v7h-7zM15 11h7v7h-7zM31 11h7v7h-7zM23 19h7v7h-7z",
        pale: "M15 3h7v7h-7zM31 3h7v7h-7zM7 11h7v7H7zM23 11h7v7h-7zM7 19h7v7H7zM31 19h7v7h-7z",
    },
    table: { lines: "M6 4h36v20H6zM6 10h36M6 17h36M18 4v20M30 4v20" },
    text: { lines: "M8 6h32M8 12h32M8 18h24M8 24h28" },
    view: { lines: "M6 3h36v22H6zM6 9h36M10 14h16M10 19h24" },
};

/** Kinds of tiles as small pictures. */
export class TileKindField extends Component {
    static template = "kpi_tracking_dashboard.TileKindField";
    static props = { ...standardFieldProps };

    setup() {
        this.root = useRef("root");
    }

    get kinds() {
        const { name, record } = this.props;
        return record.fields[name].selection.map(([key, label]) => ({
            key,
            label,
            isOn: record.data[name] === key,
            picture: PICTURES[key] || tiles.get(key, {}).picture || PICTURES.view,
        }));
    }

    choose(key) {
        return this.props.record.update({ [this.props.name]: key });
    }

    /** Arrows go to the next picture, as among radio buttons. */
    onKeydown(ev) {
        const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
        const step = steps[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const buttons = [...this.root.el.children];
        const at = buttons.indexOf(document.activeElement) + step;
        const next = buttons.at(at % buttons.length);
        next.focus();
        next.click();
    }
}

/** The fields that the chosen KPIs are split by. */
export class TileSplitField extends Component {
    static template = "kpi_tracking_dashboard.TileSplitField";
    static props = { ...standardFieldProps };

    setup() {
        this.suggested = useState(suggested);
    }

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    get choices() {
        const { breakdowns } = this.suggested;
        const isKnown = !this.value || breakdowns.some(([path]) => path === this.value);
        return isKnown ? breakdowns : [...breakdowns, [this.value, this.value]];
    }

    choose(path) {
        return this.props.record.update({ [this.props.name]: path || false });
    }
}

/** A title of one's own; without one the tile has the one that is suggested. */
export class TileTitleField extends CharField {
    static template = "kpi_tracking_dashboard.TileTitleField";

    setup() {
        super.setup();
        this.suggested = useState(suggested);
    }
}

registry
    .category("fields")
    .add("kpi_tile_kind", {
        component: TileKindField,
        displayName: _t("Tile type as pictures"),
        supportedTypes: ["selection"],
        isEmpty: () => false,
    })
    .add("kpi_tile_split", {
        component: TileSplitField,
        displayName: _t("KPI split field"),
        supportedTypes: ["char"],
        isEmpty: () => false,
    })
    .add("kpi_tile_title", {
        ...charField,
        component: TileTitleField,
        displayName: _t("Suggested title"),
    });
