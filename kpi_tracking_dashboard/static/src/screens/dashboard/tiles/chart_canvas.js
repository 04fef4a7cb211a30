import { Component, onWillStart, useEffect, useRef, useState, xml } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import {
    compact as formatKpi,
    signedCompact as formatKpiSigned,
} from "@kpi_base/eager/formatting/formatting";
import { chartLook } from "@kpi_tracking/charts/chart_options";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { chartConfig } from "../chart_config";

/** A tile drawn by Chart.js; its numbers stand in the table of the tile as well. */
export class ChartCanvas extends Component {
    static template = xml`
        <div class="o_kpi_tile_canvas" t-ref="root">
            <canvas t-ref="canvas" role="img" t-att-aria-label="label" style="font-size: var(--kpi-font-12)" />
        </div>`;
    static props = {
        onPlace: { type: Function }, // ({index, series})
        tile: { type: Object },
    };

    setup() {
        this.root = useRef("root");
        this.canvas = useRef("canvas");
        this.state = useState({ isReady: false });
        // The frame stands at its size before the library is there.
        onWillStart(() => {
            loadBundle("web.chartjs_lib").then(() => (this.state.isReady = true));
        });
        useEffect(
            (isReady) => {
                if (isReady) {
                    const observer = new ResizeObserver(([{ contentRect }]) =>
                        this.draw(contentRect),
                    );
                    observer.observe(this.root.el);
                    return () => {
                        observer.disconnect();
                        this.chart?.destroy();
                        this.chart = null;
                    };
                }
            },
            () => [this.state.isReady, this.props.tile],
        );
    }

    /** In a box whose size is told: charts that measured it one after the other would have
     * the browser lay out the whole dashboard for each. */
    draw({ height, width }) {
        if (!height || !width) {
            return;
        }
        if (this.chart) {
            this.chart.resize(width, height);
            return;
        }
        Object.assign(this.canvas.el, { height, width });
        this.chart = new Chart(this.canvas.el, chartConfig(this.props.tile, this.lookAt(width)));
    }

    get label() {
        const { chart, title } = this.props.tile;
        const last = chart?.coming?.categories.at(-1);
        return last
            ? _t(
                  "%(title)s: chart with forecast through %(last)s. See the tile menu for a table.",
                  { title, last },
              )
            : _t("%s: chart. See the tile menu for a table.", title);
    }

    lookAt(width) {
        const { chart, parts } = this.props.tile;
        const [first, second] = chart?.units || [(chart || parts).unit];
        const formatter = (unit) => (value) => formatKpi(value, unitOfAnswer(unit));
        return {
            ...chartLook(this.canvas.el, width),
            format: formatter(second || first),
            formatX: formatter(first),
            onPlace: this.props.onPlace,
            precision: (second || first).decimals ? undefined : 0,
            signed: (value) => formatKpiSigned(value, unitOfAnswer(first)),
            seriesCount: chart?.series?.length || 1,
        };
    }
}
