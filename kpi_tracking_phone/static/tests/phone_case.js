import { makeMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { Phone } from "@kpi_tracking_phone/app/phone";

export const CARD = {
    achievement: 96,
    band: "",
    direction: "higher",
    gauge: false,
    aggregation_time: "average",
    is_running: false,
    kpi: "Win Rate",
    name: "Win Rate",
    period: { is_running: false, label: "Sep 2026", start: "2026-09-01" },
    periods: [
        ["Aug 2026", "2026-08-01", "on_target", 39],
        ["Sep 2026", "2026-09-01", "at_risk", 36.2],
        ["Oct 2026", "2026-10-01", "no_data", null],
    ].map(([label, period_start, status, value]) => ({
        label,
        period_start,
        status,
        target: 38,
        value,
    })),
    previous: 39,
    previous_label: "Aug 2026",
    reason: "",
    report_id: 1,
    scope: "",
    starred: false,
    status: "at_risk",
    target: 38,
    unit: { kind: "percent", decimals: 1 },
    value: 36.2,
};

export const CELL = {
    accepted: false,
    contributor: "",
    contributor_id: false,
    due: "2026-10-05",
    due_words: "Due on 5 Oct",
    is_overdue: false,
    label: "Sep 2026",
    name: "Sick Leave",
    period: "2026-09-01",
    report_id: 2,
    scope: "",
    seen: { state: "empty", value: null },
    unit: { kind: "percent", decimals: 1 },
};

/** A screen with rows as they are kept; what it enters is in `phone.entered`. */
export async function mountScreen(Screen, { about = "", drafts = {}, items = [], rows = {} } = {}) {
    const phone = new Phone();
    const me = { asleep_days: 14, company: "Nordwind", lang: "en_US", name: "Ann" };
    Object.assign(phone, { entered: [], went: [] });
    const at = "2026-10-01T08:55:00Z";
    const last = { at, me, phone_at: Date.parse(at) };
    Object.assign(phone.state, { about: last, items, rows });
    phone.enter = async (item) => phone.entered.push(item);
    phone.refresh = async () => {};
    phone.readDraft = async (key) => drafts[key] || null;
    phone.writeDraft = async (key, draft) => (drafts[key] = draft);
    const go = { to: (...way) => phone.went.push(way) };
    phone.screen = await mountWithCleanup(Screen, {
        env: await makeMockEnv({ go, phone }),
        props: { about },
    });
    return phone;
}
