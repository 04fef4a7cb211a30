import { beforeEach, expect, test } from "@odoo/hoot";
import { click, queryOne, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { CertifiedBadge } from "@kpi_tracking/eager/certified/certified_badge";

defineMailModels();

beforeEach(() => {
    onRpc("kpi.definition", "get_certification", ({ args }) => `Certified by Anna (${args[0]})`);
});

const mountBadge = async (props) => {
    await mountWithCleanup(MainComponentsContainer);
    await mountWithCleanup(CertifiedBadge, { props: { definitionId: 7, ...props } });
};

test("a badge is an icon and a word", async () => {
    await mountBadge({ state: "certified" });
    expect(".o_kpi_certified").toHaveText("Certified");
    expect(".o_kpi_certified .fa-certificate").toHaveCount(1);
});

test("where there is no room its word is read and shown above it", async () => {
    await mountBadge({ state: "review", isIconOnly: true });
    expect(".o_kpi_certified").toHaveText("");
    expect(".o_kpi_certified").toHaveAttribute("aria-label", "To review");
    expect(".o_kpi_certified").toHaveAttribute("data-tooltip", "To review");
    expect(queryOne(".o_kpi_certified")).toHaveClass("o_kpi_certified_review");
});

test("one click says who and when, a second one how it is computed", async () => {
    await mountBadge({ state: "certified" });
    const opened = [];
    patchWithCleanup(getService("action"), { doAction: (action) => opened.push(action.res_id) });
    await click(".o_kpi_certified");
    await waitFor(".o_kpi_certified_about:contains(Certified by Anna)");
    await click(".o_kpi_certified_about button");
    await animationFrame();
    expect(opened).toEqual([7]);
    expect(".o_kpi_certified_about").toHaveCount(0);
});
