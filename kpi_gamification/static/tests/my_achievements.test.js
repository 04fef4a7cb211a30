import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryAllValues } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { MyAchievements } from "@kpi_gamification/screens/my_achievements/my_achievements";
import { getDefaultConfig } from "@web/views/view";
import { contains, makeMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

defineMailModels();

const BADGE = { achievement_id: 4, color: "#0072b2", source: false, rarity: "rare" };
const EMPTY = {
    points: 0,
    choice: "hidden",
    choices: [
        ["shown", "Visible to Colleagues"],
        ["hidden", "Only Me"],
    ],
    next: [],
    streaks: [],
    awards: [],
    award_count: 0,
    wall: [],
    boards: [],
    challenges: [],
};
const FULL = {
    ...EMPTY,
    points: 1240,
    next: [
        {
            ...BADGE,
            name: "Three quarters",
            criteria: "Three in a row.",
            ratio: 2 / 3,
            done: 2,
            least: 3,
            period: "Q4 2025",
            day: "2026-01-05",
        },
    ],
    awards: [
        {
            ...BADGE,
            id: 7,
            name: "<b>Green</b>",
            criteria: "All KPIs on Target.",
            period: "Feb 2026",
            earned_date: "2026-03-06 08:00:00",
            rarity_label: "Rare",
            points: 20,
            share: 0.25,
            has_facts: true,
            state: false,
        },
    ],
    award_count: 1,
};

async function mountPage(answer) {
    onRpc("kpi.achievement.page", "get_mine", () => answer);
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, updateActionState: () => {} };
    await mountWithCleanup(MyAchievements, { env, props });
    await animationFrame();
}

test("an empty page says what one can do, and who sees it", async () => {
    await mountPage(EMPTY);
    expect(".o_kpi_my_none").toHaveText(/Reach your targets/);
    expect(".o_kpi_my_note").toHaveText(/Only you see this page/);
    expect(queryAllValues("select")).toEqual(["hidden"]);
});

test("progress, cards with names as text, and a choice that is stored", async () => {
    onRpc("kpi.gamification.choice", "choose", ({ args }) => {
        expect.step(args[0]);
        return true;
    });
    await mountPage(FULL);
    expect(".o_kpi_my_points").toHaveText("1,240 points");
    expect(".o_kpi_next_badge [role=progressbar]").toHaveAttribute("aria-valuenow", "67");
    expect(".o_kpi_next_badge").toHaveText(/2 of 3/);
    expect(queryAllTexts(".o_kpi_my_award button")).toEqual(["<b>Green</b>", "Reason"]);
    expect(".o_kpi_my_award").toHaveText(/Earned by 25% of people/);
    await contains("select").select("shown");
    expect.verifySteps(["shown"]);
});

test("boards are there, and challenges that wait lead to their form", async () => {
    const line = { name: "Ann", rank: 1, previous_rank: false, score: 9, now: 9, gap: false };
    const boards = [
        { id: 3, name: "Company", period: "Feb 2026", message: null, lines: [line] },
        { id: 4, name: "Sales", period: "Feb 2026", message: "Too few.", lines: [] },
    ];
    const challenges = [{ id: 8, challenge_id: [5, "March"], last_date: "2026-03-31" }];
    await mountPage({ ...EMPTY, boards, challenges });
    expect(queryAllTexts(".o_kpi_my_boards li > button")).toEqual(["Company", "Sales"]);
    expect(".o_kpi_my_boards tbody tr").toHaveCount(1);
    expect(".o_kpi_my_boards li:eq(1)").toHaveText(/Too few/);
    expect("section:has(#o_kpi_my_challenges) li > button:first").toHaveText("March");
});
