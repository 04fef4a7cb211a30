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
                _t("Set max_cron_threads to at least 2 on one server."),
                _t("A new server appears here after one or two minutes."),
            ],
        }),
        silent: () => ({
            title: _t("No heartbeat for minutes: %s.", servers),
            ways: [
                _t("Check that the server is running. Removed servers disappear after an hour."),
            ],
        }),
        pooled: () => ({
            title: _t(
                "A connection pool breaks the locks of %s. Computations are stopped.",
                servers,
            ),
            ways: [
                _t("Set pool_mode = session in PgBouncer."),
                _t("Or point db_host and db_port directly to PostgreSQL."),
            ],
        }),
        files: () => ({
            title: _t(
                "Files from other servers are missing on %s. Attachments do not open there.",
                servers,
            ),
            ways: [
                _t("Mount one folder on all servers and set data_dir to it."),
                _t("Or store files in the database: system parameter ir_attachment.location = db."),
                _t("Or store files elsewhere, such as S3: OCA’s fs_attachment (AGPL-3)."),
            ],
        }),
        release: () => ({
            title: _t("The release differs from the other servers: %s.", servers),
            ways: [
                _t("Install the same Odoo version and addons on all servers, then restart them."),
            ],
        }),
        clock: () => ({
            title: _t("The clock differs from the database clock: %s.", servers),
            ways: [_t("Synchronize all clocks with one source (chrony or systemd-timesyncd).")],
        }),
        replica: () => ({
            title: _t("The replica of %s is late or not responding.", servers),
            ways: [
                _t("Check pg_stat_replication on the primary database server."),
                _t("Until the replica is back, remove db_replica_host from the configuration."),
            ],
        }),
        workers: () => ({
            title: _t("There are fewer cron workers than parallel computations."),
            ways: [
                _t("Set max_cron_threads to “Parallel Computations” + 1 (for emails)."),
                _t("Or lower “Parallel Computations” in the settings."),
            ],
        }),
        sessions: () => ({
            title: _t("Sessions from other servers are unknown on %s.", servers),
            ways: [
                _t("No action needed if the proxy uses sticky sessions."),
                _t("Or mount one folder on all servers and set data_dir to it."),
                _t("Or store sessions in the database: OCA’s session_db (LGPL-3)."),
            ],
        }),
    };
    return known[code]();
}
