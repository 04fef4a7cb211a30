/** What a process map is about: in the address, and as the server takes it. */

import { dayAfter } from "../days";

const FIGURES = ["count", "wall", "worked"];
const SHARES = [80, 95, 100];
const DAY = /^\d{4}-\d\d-\d\d$/;

/** The choice of an address; at first the last months of the template with most requests. */
export function fromAddress(address, { date_from, templates }) {
    const given = (name) => (address[name] === undefined ? null : String(address[name]));
    const usual = templates.length ? templates[0].id : 0;
    const share = Number(given("detail"));
    return {
        department: Number(given("department")) || 0,
        figure: FIGURES.includes(given("figure")) ? given("figure") : "count",
        from: given("from") === null ? date_from : DAY.test(given("from")) ? given("from") : "",
        isTable: given("view") === "table",
        share: SHARES.includes(share) ? share : SHARES[0],
        template: given("template") === null ? usual : Number(given("template")) || 0,
        to: DAY.test(given("to")) ? given("to") : "",
    };
}

export function toAddress(choice) {
    return {
        department: choice.department || undefined,
        detail: choice.share === SHARES[0] ? undefined : choice.share,
        figure: choice.figure === FIGURES[0] ? undefined : choice.figure,
        from: choice.from,
        template: choice.template,
        to: choice.to || undefined,
        view: choice.isTable ? "table" : undefined,
    };
}

export function toOptions(choice) {
    return {
        date_from: choice.from || false,
        date_to: choice.to ? dayAfter(choice.to) : false,
        department_id: choice.department || false,
        share: choice.share,
        template_id: choice.template || false,
    };
}
