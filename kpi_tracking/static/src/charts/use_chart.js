import { onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { chartLook } from "@kpi_tracking/charts/chart_options";

/**
 * Draws a chart on the canvas that is called so in the template, again after each change.
 *
 * @param {(look: ReturnType<typeof chartLook>) => Object} getConfig what Chart.js draws
 * @param {() => any[]} getDependencies a chart is made again for others
 */
export function useChart(getConfig, getDependencies) {
    const canvas = useRef("canvas");
    onWillStart(() => loadBundle("web.chartjs_lib"));
    useEffect(() => {
        const chart = new Chart(canvas.el, getConfig(chartLook(canvas.el)));
        return () => chart.destroy();
    }, getDependencies);
}
