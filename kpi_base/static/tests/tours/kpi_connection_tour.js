import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

/** A line, or on phones a card, that says so. */
const line = (text) => `[data-id]:contains(${text})`;

async function callKeys(method, argument) {
    return rpc(`/web/dataset/call_kw/kpi.api.key/${method}`, {
        model: "kpi.api.key",
        method,
        args: [argument],
        kwargs: {},
    });
}

/** What another tab does meanwhile. */
async function revoke(name) {
    await callKeys("action_revoke", await callKeys("search", [["name", "=", name]]));
}

const reload = () => ({
    content: "load the page again",
    trigger: ".o_view_controller",
    run: () => window.location.reload(),
    expectUnloadPage: true,
});

const end = (text) => [
    { trigger: `${line(text)} [name=action_end]`, run: "click" },
    { trigger: ".modal-footer .btn-primary", run: "click" },
    { trigger: `body:not(:has(.modal)) .o_view_controller:not(:has(${line(text)}))` },
];

/** The list of somebody's own connections shows those of now. */
registry.category("web_tour.tours").add("kpi_base.my_connections", {
    steps: () => [
        { trigger: line("Key of user") },
        { trigger: line("Second"), run: () => revoke("Key of user") },
        reload(),
        { trigger: line("Second") },
        { trigger: `.o_view_controller:not(:has(${line("Key of user")}))` },
        { trigger: line("Third"), run: () => revoke("Second") },
        ...end("Third"),
        { trigger: line("Fourth") },
        { trigger: `.o_view_controller:not(:has(${line("Second")}))` },
        ...end("Fourth"),
        { trigger: `.o_view_controller:not(:has(${line("API Key")}))` },
    ],
});

/** From a person's form to the own list of what connects them. */
registry.category("web_tour.tours").add("kpi_base.connections_of_a_person", {
    steps: () => [
        { trigger: ".o_form_view .o_cp_action_menus .fa-cog", run: "click" },
        { trigger: ".o_menu_item:contains(KPI Connections)", run: "click" },
        { trigger: ".o_control_panel:contains(Connections of Api user)" },
        { trigger: line("Key of user") },
        reload(),
        { trigger: line("Second") },
        ...end("Key of user"),
        { trigger: line("Second") },
        ...end("Second"),
    ],
});
