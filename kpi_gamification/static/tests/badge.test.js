import { expect, test } from "@odoo/hoot";
import { queryAll } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Badge } from "@kpi_gamification/eager/badge/badge";
import { badgeArt, starPoints } from "@kpi_gamification/eager/badge/badge_art";
import {
    defineModels,
    fields,
    models,
    mountView,
    mountWithCleanup,
} from "@web/../tests/web_test_helpers";

class Award extends models.Model {
    badge_color = fields.Char();
    badge_glyph = fields.Char();
    badge_icon = fields.Binary();
    rarity = fields.Selection({ selection: [["epic", "Epic"]] });
    _records = [
        { id: 1, badge_color: "#0072b2", badge_glyph: "time", rarity: "epic", badge_icon: false },
        { id: 2, badge_color: "#0072b2", rarity: "epic", badge_icon: "3 kB" },
    ];
}

defineMailModels();
defineModels([Award]);

const BADGE = { color: "#0072b2", glyph: "streak", rarity: "rare", source: false };

test("a card has the picture, or a badge drawn for it", async () => {
    const field = `<field name="badge_icon" widget="kpi_badge" />`;
    const arch = `<kanban><templates><t t-name="card">${field}</t></templates></kanban>`;
    await mountView({ type: "kanban", resModel: "award", arch });
    expect(".o_kanban_record:eq(0) svg[data-rarity=epic]").toHaveCount(1);
    expect(".o_kanban_record:eq(0) img").toHaveCount(0);
    expect(".o_kanban_record:eq(1) .o_kpi_badge img").toHaveCount(1);
});

test("rarities have different shapes, also where the color cannot be seen", () => {
    const drawn = ["common", "rare", "epic", "legendary"].map((one) => badgeArt(one, "star").seal);
    expect(new Set(drawn).size).toBe(4);
    expect(badgeArt("unknown", "unknown")).toEqual(badgeArt("common", "star"));
    expect(starPoints(6, 36, 31.2).split(" ")).toHaveLength(12);
    expect(starPoints(6, 36, 31.2).split(" ")[0]).toBe("40.0,4.0");
});

test("how often, how far, and what is not earned yet", async () => {
    await mountWithCleanup(Badge, { props: { badge: BADGE, count: 3 } });
    expect(".o_kpi_badge_count").toHaveText("×3");
    expect(".o_kpi_badge_ring").toHaveCount(0);
    await mountWithCleanup(Badge, { props: { badge: BADGE, isLocked: true, ratio: 0.5 } });
    expect(".o_kpi_badge_locked .o_kpi_badge_count").toHaveCount(0);
    const [reached] = queryAll(".o_kpi_badge_locked .o_kpi_badge_reached");
    expect(reached).toHaveAttribute("stroke-dasharray", "50 100");
});
