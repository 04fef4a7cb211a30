import { _t } from "@web/core/l10n/translation";

/**
 * What a problem of servers is, and the ways out of it.
 *
 * @param {string} code as `kpi_base/engine/servers.py` finds it
 * @param {string} servers names of those that it is about
 * @returns {{title: string, ways: string[]}}
 */
export function adviceOn(code, servers) {
    const known = {
        nobody: () => ({
            title: _t("No server runs computations."),
            ways: [
                _t("Set max_cron_threads to 2 or more in the configuration of a server."),
                _t("A server that has just been started is listed after a minute or two."),
            ],
        }),
        silent: () => ({
            title: _t("Not heard of for minutes: %s.", servers),
            ways: [_t("Check that it runs. One that was taken away is forgotten after an hour.")],
        }),
        pooled: () => ({
            title: _t(
                "A connection pool breaks the locks of %s: computations are stopped.",
                servers,
            ),
            ways: [
                _t("Set pool_mode = session in PgBouncer."),
                _t("Or set db_host and db_port to PostgreSQL itself."),
            ],
        }),
        files: () => ({
            title: _t(
                "Files of other servers are missing on %s: attachments do not open there.",
                servers,
            ),
            ways: [
                _t("Mount one folder on all servers, and set data_dir to it."),
                _t("Or store files in the database: system parameter ir_attachment.location = db."),
                _t("Or store them elsewhere, such as S3: OCA’s fs_attachment (AGPL-3)."),
            ],
        }),
        release: () => ({
            title: _t("Another release than the other servers: %s.", servers),
            ways: [_t("Install the same addons and Odoo on all servers, then restart them.")],
        }),
        clock: () => ({
            title: _t("The clock is off the database’s: %s.", servers),
            ways: [
                _t(
                    "Let all machines take the time from one source, by chrony or systemd-timesyncd.",
                ),
            ],
        }),
        replica: () => ({
            title: _t("The replica of %s is late or does not answer.", servers),
            ways: [
                _t("Look for its state in pg_stat_replication of the first database server."),
                _t("Until it is back, take db_replica_host out of the configuration."),
            ],
        }),
        workers: () => ({
            title: _t("More computations at once are asked for than there are cron workers."),
            ways: [
                _t("Raise max_cron_threads: one more than computations at once, for mails."),
                _t("Or lower Computations at once."),
            ],
        }),
        sessions: () => ({
            title: _t("People who logged in elsewhere are unknown on %s.", servers),
            ways: [
                _t(
                    "Nothing to do where the proxy sends each person to one server (sticky sessions).",
                ),
                _t("Or mount one folder on all servers, and set data_dir to it."),
                _t("Or store sessions in the database: OCA’s session_db (LGPL-3)."),
            ],
        }),
    };
    return known[code]();
}
