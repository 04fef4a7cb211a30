import { Component, xml } from "@odoo/owl";
import { homeNeeds } from "@kpi_tracking/home/home_needs";
import { homePanels } from "@kpi_tracking/home/home_panels";

class VisitsPanel extends Component {
    static template = xml`
        <section class="o_kpi_home_part o_kpi_probe_panel">
            <h2>Visits</h2>
            <p t-foreach="props.content" t-as="name" t-key="name" t-out="name" />
        </section>`;
    static props = { content: { type: Array, element: String } };
}

homePanels.add("kpi_probe.visits", { component: VisitsPanel, sequence: 90 });
homeNeeds.add("visit", { icon: "fa-road", word: "To visit" });
