import { App } from "@odoo/owl";
import { Gauge } from "@kpi_tracking/screens/gauge/gauge";
import { templates } from "./gauge_templates";

/** Puts the gauge of a browser, with its details, in place of the picture that came. */
async function bringToLife(app, { id, details, status, ...props }) {
    const place = document.getElementById(id);
    const picture = place.firstElementChild;
    const gauge = { ...props, details: () => details, ...(status && { status }) };
    await app.createRoot(Gauge, { props: gauge }).mount(place);
    picture.remove();
}

function start() {
    const print = document.getElementById("kpi_share_print");
    print.hidden = false;
    print.addEventListener("click", () => window.print());
    const gauges = JSON.parse(document.getElementById("kpi_share_gauges").textContent);
    const app = new App(Gauge, { name: "kpi_share", templates });
    for (const gauge of gauges) {
        bringToLife(app, gauge);
    }
}

if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
} else {
    start();
}
