/** The day behind one; the server's end does not count. */
export function dayAfter(day) {
    const moment = new Date(`${day}T00:00:00Z`);
    moment.setUTCDate(moment.getUTCDate() + 1);
    return moment.toISOString().slice(0, 10);
}
