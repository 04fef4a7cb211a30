/** What the page is about: in the address, and as the server takes it. */

import { dayAfter } from "../days";

export const PERIODS = [
    "this_month",
    "last_month",
    "last_3_months",
    "this_year",
    "last_12_months",
    "custom",
];
const USUAL = "last_3_months";
const DAY = /^\d{4}-\d\d-\d\d$/;

/** The choice of an address; at first three months of all requests. */
export function fromAddress(address) {
    const given = (name) => (address[name] === undefined ? "" : String(address[name]));
    const day = (name) => (DAY.test(given(name)) ? given(name) : "");
    const isKnown = PERIODS.includes(given("period"));
    return {
        department: Number(given("department")) || 0,
        from: day("from"),
        period: isKnown ? given("period") : USUAL,
        template: Number(given("template")) || 0,
        to: day("to"),
    };
}

export function toAddress({ department, from, period, template, to }) {
    const isCustom = period === "custom";
    return {
        department: department || undefined,
        from: (isCustom && from) || undefined,
        period: period === USUAL ? undefined : period,
        template: template || undefined,
        to: (isCustom && to) || undefined,
    };
}

export function toOptions({ department, from, period, template, to }) {
    const isCustom = period === "custom";
    return {
        date_from: (isCustom && from) || false,
        date_to: isCustom && to ? dayAfter(to) : false,
        department_id: department || false,
        period,
        template_id: template || false,
    };
}
