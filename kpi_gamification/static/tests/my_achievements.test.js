import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { AchievementReview } from "@kpi_gamification/screens/achievement_review/achievement_review";
import { MyAchievements } from "@kpi_gamification/screens/my_achievements/my_achievements";
import { Standings } from "@kpi_gamification/screens/standings/standings";
import { getDefaultConfig } from "@web/views/view";
import { contains, makeMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

defineMailModels();

const BADGE = {
    achievement_id: 4,
    color: "#0072b2",
    glyph: "streak",
    rarity: "rare",
    rarity_label: "Rare",
    source: false,
};
const EMPTY = {
    person: { id: 2, name: "Ann", department: "" },
    points: 0,
    level: { number: 1, name: "Newcomer", ratio: 0, missing: 50, next: 2 },
    week: { points: 0, points_before: 0, awards: 0, kudos: 0 },
    choice: "hidden",
    choices: [
        ["shown", "Visible to Colleagues"],
        ["hidden", "Only Me"],
    ],
    next: [],
    streaks: [],
    strip: [],
    collection: [],
    awards: [],
    award_count: 0,
    kudos_count: 0,
    challenges: [],
    goals: [],
    celebration: false,
};
const STREAK = {
    id: 1,
    report_id: 8,
    kpi: "Revenue",
    title: "3 months on target",
    is_best: false,
    best: 5,
    freezes: 1,
    is_at_risk: true,
};
const FULL = {
    ...EMPTY,
    points: 1240,
    week: { points: 30, points_before: 10, awards: 1, kudos: 2 },
    next: [
        {
            ...BADGE,
            name: "Three quarters",
            criteria: "Three in a row.",
            needs: "1 more quarter on target",
            ratio: 2 / 3,
            done: 2,
            least: 3,
            period: "Q4 2025",
            day: "2026-01-05",
        },
    ],
    streaks: [STREAK, { ...STREAK, id: 2, kpi: "Margin", is_at_risk: false }],
    strip: [
        { label: "Jan 2026", mark: "h" },
        { label: "Feb 2026", mark: "f" },
        { label: "Mar 2026", mark: "o" },
    ],
    collection: [
        { ...BADGE, name: "<b>Green</b>", count: 3, criteria: "All." },
        { ...BADGE, achievement_id: 5, name: "Later", count: 0, criteria: "More." },
    ],
    awards: [
        {
            ...BADGE,
            id: 7,
            name: "<b>Green</b>",
            criteria: "All KPIs on Target.",
            period: "Feb 2026",
            earned_date: "2026-03-06 08:00:00",
            points: 20,
            share: 0.25,
            has_facts: true,
            state: false,
        },
    ],
    award_count: 1,
};

async function mountScreen(Screen, model, method, answer) {
    onRpc(model, method, () => answer);
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, updateActionState: () => {} };
    await mountWithCleanup(Screen, { env, props });
    await animationFrame();
}

const mountPage = (answer) =>
    mountScreen(MyAchievements, "kpi.achievement.page", "get_mine", answer);

test("an empty page shows what one can do, and who sees it", async () => {
    await mountPage(EMPTY);
    expect(".o_kpi_my_none").toHaveText(/Reach your targets/);
    expect(".o_kpi_my_note").toHaveText(/Only you see this page/);
    expect(".o_kpi_my_choice").toHaveText("Only Me");
    expect(".o_kpi_my_level").toHaveText("Level 1, Newcomer");
});

test("level, week, progress in words, and a choice that is stored", async () => {
    onRpc("kpi.gamification.choice", "choose", ({ args }) => {
        expect.step(args[0]);
        return true;
    });
    await mountPage(FULL);
    expect(".o_kpi_my_points").toHaveText("1,240 points");
    expect(".o_kpi_my_week").toHaveText(
        "This week: 30 points · 1 achievement · kudos: 2 (last week 10 points)",
    );
    expect(".o_kpi_next_badge [role=progressbar]").toHaveAttribute("aria-valuenow", "67");
    expect(".o_kpi_next_badge").toHaveText(/2 of 3/);
    expect(".o_kpi_next_badge").toHaveText(/1 more quarter on target/);
    expect(queryAllTexts(".o_kpi_my_award button")).toEqual(["<b>Green</b>", "Reason"]);
    expect(".o_kpi_my_award").toHaveText(/Earned by 25% of people/);
    await contains(".o_kpi_my_choice").click();
    await contains(".o-dropdown-item:contains(Visible)").click();
    expect.verifySteps(["shown"]);
});

test("what is reached does not read as still to do", async () => {
    const [row] = FULL.next;
    await mountPage({ ...FULL, next: [{ ...row, done: 3, needs: "", ratio: 1 }] });
    expect(".o_kpi_next_badge_reached").toHaveText("Reached");
    expect(".o_kpi_next_badge").not.toHaveText(/3 of 3/);
    expect(".o_kpi_next_badge").toHaveText(/Q4 2025, evaluated/);
});

test("the longest streak has its periods, others one line each", async () => {
    await mountPage(FULL);
    expect(".o_kpi_my_streak").toHaveText("3 months on target");
    expect(queryAllTexts(".o_kpi_my_strip li")).toEqual([
        "Jan 2026\nreached",
        "Feb 2026\nsaved by a freeze",
        "Mar 2026\nstill open",
    ]);
    expect(".o_kpi_my_freezes").toHaveText(/1 freeze left/);
    expect(".o_kpi_my_freezes").toHaveText(/as in Feb 2026/);
    expect(".o_kpi_my_streaks li").toHaveCount(1);
});

test("the collection has what is earned in color, the rest as outlines", async () => {
    await mountPage(FULL);
    expect("#o_kpi_my_collection").toHaveText(/1 of 2/);
    expect(".o_kpi_my_collection li:eq(0)").toHaveText(/<b>Green<\/b>/);
    expect(".o_kpi_my_collection li:eq(0) .o_kpi_badge_count").toHaveText("×3");
    expect(".o_kpi_my_collection li:eq(1) .o_kpi_badge_locked").toHaveCount(1);
    expect(".o_kpi_my_collection li:eq(1) button").toHaveAttribute("disabled");
});

test("challenges that wait lead to their form", async () => {
    const challenges = [{ id: 8, challenge_id: [5, "March"], last_date: "2026-03-31" }];
    await mountPage({ ...EMPTY, challenges });
    expect("section:has(#o_kpi_my_challenges) li > button:first").toHaveText("March");
});

const CELEBRATION = {
    ...BADGE,
    rarity: "epic",
    rarity_label: "Epic",
    id: 7,
    name: "<b>Half a Year</b>",
    criteria: "On target 6 months running.",
    period: "Nov 2026",
    points: 80,
    others: 2,
};

async function mountCelebration(celebration) {
    onRpc("kpi.user.achievement", "mark_celebrated", () => {
        expect.step("marked");
        return true;
    });
    onRpc("kpi.gamification.choice", "choose", ({ args }) => {
        expect.step(args[0]);
        return true;
    });
    onRpc("res.users.settings", "set_res_users_settings", ({ kwargs }) => {
        expect.step(JSON.stringify(kwargs.new_settings));
        return kwargs.new_settings;
    });
    await mountPage({ ...EMPTY, celebration });
    await animationFrame();
}

test("the rarest of what was earned is celebrated, once", async () => {
    await mountCelebration(CELEBRATION);
    expect(".o_kpi_celebration_name").toHaveText("<b>Half a Year</b>");
    expect(".o_kpi_celebration").toHaveText(/On target 6 months running/);
    expect(".o_kpi_celebration").toHaveText(/\+80 points/);
    expect(".o_kpi_celebration").toHaveText(/and 2 more achievements/);
    expect(".o_kpi_confetti > i").toHaveCount(36);
    expect.verifySteps(["marked"]);
    await contains(".o_kpi_celebration [type=checkbox]").click();
    expect(".o_kpi_confetti > i").toHaveCount(0);
    expect.verifySteps(['{"kpi_has_confetti":false}']);
    await contains(".o_kpi_celebration button:contains(Show to Colleagues)").click();
    expect.verifySteps(["shown"]);
    expect(".o_kpi_celebration").toHaveCount(0);
});

test("no confetti for what many have", async () => {
    await mountCelebration({ ...CELEBRATION, rarity: "rare", others: 0 });
    expect(".o_kpi_celebration").toHaveCount(1);
    expect(".o_kpi_confetti").toHaveCount(0);
    await contains(".o_kpi_celebration button:contains(Nice)").click();
    expect(".o_kpi_celebration").toHaveCount(0);
    expect.verifySteps(["marked"]);
});

test("a team goal is a bar that fills", async () => {
    const progress = { ratio: 0.6, text: "600 of 1,000", people: 4, share: "150", message: "" };
    const few = { ...progress, message: "The bar is shown from 3 members on." };
    const goals = [
        { id: 1, name: "<b>Sales</b>", progress: { ...progress, is_reached: false } },
        { id: 2, name: "Few", progress: { ...few, is_reached: false } },
    ];
    await mountPage({ ...EMPTY, goals });
    expect(queryAllTexts("section:has(#o_kpi_my_goals) li > button")).toEqual([
        "<b>Sales</b>",
        "Few",
    ]);
    expect(".o_kpi_team_goal").toHaveCount(1);
    expect(".o_kpi_team_goal [role=progressbar]").toHaveAttribute("aria-valuenow", "60");
    expect(".o_kpi_team_goal").toHaveText(/600 of 1,000/);
    expect(".o_kpi_team_goal").toHaveText(/your share 150/);
});

test("standings have boards, and what colleagues share", async () => {
    const line = { name: "Ann", rank: 1, previous_rank: false, score: 9, now: 9, gap: false };
    const shown = {
        boards: [
            { id: 3, name: "Company", period: "Feb 2026", message: null, lines: [line] },
            { id: 4, name: "Sales", period: "Feb 2026", message: "Too few.", lines: [] },
        ],
        feed: [
            {
                ...BADGE,
                kind: "award",
                id: 1,
                name: "Green",
                person: "<i>Ben</i>",
                day: "2026-03-06",
            },
            { kind: "kudos", id: 1, person: "Ben", to: "Ann", text: "Fast", day: "2026-03-05" },
        ],
    };
    await mountScreen(Standings, "kpi.achievement.page", "get_standings", shown);
    expect("section[aria-label=Company] tbody tr").toHaveCount(1);
    expect("section[aria-label=Sales]").toHaveText(/Too few/);
    expect(".o_kpi_my_shown:eq(0)").toHaveText(/<i>Ben<\/i> earned Green/);
    expect(".o_kpi_my_shown:eq(1)").toHaveText(/Ben thanks Ann\nFast/);
});

test("a review is one list, which a filter narrows", async () => {
    const items = [
        { key: "held-1", kind: "held", id: 1, title: "Green", person: "Ben", reason: "Corrected" },
        { key: "kudos-0", kind: "kudos", id: 0, title: "Ring", person: "Ann", reason: "9 kudos" },
    ].map((item) => ({ day: "", can_decide: item.kind === "held", ...item }));
    onRpc("kpi.user.achievement", "action_release", ({ args }) => {
        expect.step(`released ${args[0]}`);
        return true;
    });
    await mountScreen(AchievementReview, "kpi.achievement.review", "get_items", items);
    expect(".o_kpi_review_item").toHaveCount(2);
    expect(queryAllTexts(".o_kpi_review_filters button")).toEqual([
        "All 2",
        "Held achievements 1",
        "KPI changes 0",
        "Mutual kudos 1",
        "Point limits 0",
    ]);
    await contains(".o_kpi_review_filters button:contains(Mutual)").click();
    expect(".o_kpi_review_item").toHaveCount(1);
    await contains(".o_kpi_review_filters button:contains(All)").click();
    await contains("button:contains(Release)").click();
    expect.verifySteps(["released 1"]);
});
