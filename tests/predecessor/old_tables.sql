-- Tables and rows shaped as those of kpi_tracking 18.1, as they are in a database whose
-- Odoo was brought to 19 before this addon. Written for the tests.
-- Users: 901 Ann, 902 Bo, 903 Cy (left); employees 901 and 902.

CREATE TABLE kpi_report_group (
    id serial PRIMARY KEY, name varchar NOT NULL, description text, department varchar,
    score_label varchar, score_color varchar, group_achievement_percent numeric,
    create_uid integer, write_uid integer, create_date timestamp, write_date timestamp);
CREATE TABLE kpi_report (
    id serial PRIMARY KEY, name varchar NOT NULL,
    report_id integer REFERENCES kpi_report_group ON DELETE SET NULL,
    kpi_type varchar NOT NULL, target_type varchar, target_value float8,
    priority_weight varchar, score_label varchar, score_color varchar,
    achievement_percent numeric, kpi_direction varchar, note text, report_type varchar,
    department varchar, manual_value float8, value float8, last_submitted date,
    source_model_id integer, source_model varchar, filter_field_id integer,
    filter_field varchar, filter_type varchar, count_field varchar, formula_field text,
    source_domain text, domain_test_result varchar, formula_notes text,
    count_a integer, count_b integer,
    create_uid integer, write_uid integer, create_date timestamp, write_date timestamp,
    CONSTRAINT kpi_report_unique_kpi_name_report UNIQUE (name, report_id));
CREATE TABLE kpi_report_submission (
    id serial PRIMARY KEY, report_id integer, kpi_id integer NOT NULL REFERENCES kpi_report,
    kpi_type varchar, report_type varchar, department varchar, target_type varchar,
    target_value float8, kpi_direction varchar, priority_weight varchar,
    date timestamp, user_id integer REFERENCES res_users ON DELETE SET NULL,
    value float8, achievement_percent numeric, note text, score_label varchar,
    score_color varchar,
    create_uid integer, write_uid integer, create_date timestamp, write_date timestamp);
CREATE TABLE kpi_report_group_submission (
    id serial PRIMARY KEY,
    report_id integer NOT NULL REFERENCES kpi_report_group ON DELETE CASCADE,
    date timestamp, value float8, user_id integer, note text, score_label varchar,
    score_color varchar,
    create_uid integer, write_uid integer, create_date timestamp, write_date timestamp);
CREATE TABLE kpi_report_res_users_rel (
    kpi_report_id integer NOT NULL REFERENCES kpi_report ON DELETE CASCADE,
    res_users_id integer NOT NULL REFERENCES res_users ON DELETE CASCADE,
    PRIMARY KEY (kpi_report_id, res_users_id));
CREATE TABLE hr_employee_kpi_report_group_rel (
    kpi_report_group_id integer NOT NULL REFERENCES kpi_report_group ON DELETE CASCADE,
    hr_employee_id integer NOT NULL REFERENCES hr_employee ON DELETE CASCADE,
    PRIMARY KEY (kpi_report_group_id, hr_employee_id));

INSERT INTO kpi_report_group (id, name, description, department, create_uid, create_date)
VALUES (1, 'Sales Performance', E'Targets\nof the year', 'sales', 2, '2025-01-05'),
       (2, 'Empty', NULL, NULL, 2, '2025-01-05');
INSERT INTO hr_employee_kpi_report_group_rel VALUES (1, 901), (1, 902);

INSERT INTO kpi_report
       (id, name, report_id, kpi_type, target_type, target_value, priority_weight,
        kpi_direction, note, report_type, department, source_model, filter_field,
        filter_type, formula_field, source_domain, create_uid, create_date)
VALUES
  (1, 'Visits', 1, 'manual', 'number', 40, '4', 'higher_better',
   E'Customers seen.\nNo calls. <b>', 'weekly', 'sales', NULL, NULL, NULL, NULL, NULL,
   2, '2025-01-05'),
  (2, 'Complaints', 1, 'manual', 'number', 5, '2', 'lower_better', NULL, 'monthly',
   'sales', NULL, NULL, NULL, NULL, NULL, 2, '2025-01-05'),
  (3, 'Certified', NULL, 'manual', 'boolean', 1, NULL, NULL, NULL, NULL, 'hr',
   NULL, NULL, NULL, NULL, NULL, 2, '2025-01-05'),
  (4, 'New Partners', 1, 'auto', 'number', 10, '3', 'higher_better', NULL, NULL,
   'sales', 'res.partner', 'create_date', 'this_month', 'count_b',
   '[(''is_company'', ''='', True)]', 2, '2025-01-05'),
  (5, 'Own Leads', NULL, 'auto', 'number', 6, '3', 'higher_better', NULL, NULL,
   'sales', 'crm.lead', 'create_date', 'this_month', 'count_b',
   '[(''user_id'', ''='', assigned_user.id)]', 2, '2025-01-05'),
  (6, 'Company Share', NULL, 'auto', 'percent', 50, '1', 'higher_better', NULL, NULL,
   'rnd', 'res.partner', 'create_date', 'this_month',
   '(count_b / count_a) * 100 if count_a > 0 else 0',
   '[(''is_company'', ''='', True)]', 2, '2025-01-05'),
  (7, 'Gap', NULL, 'auto', 'number', 1, '3', 'lower_better', NULL, NULL, NULL,
   'res.partner', 'create_date', 'today', 'count_a - count_b',
   '[(''is_company'', ''='', True)]', 2, '2025-01-05'),
  (8, 'Dangerous', NULL, 'auto', 'number', 1, '3', 'higher_better', NULL, NULL, 'it',
   'res.partner', 'create_date', 'this_month',
   'len(records.filtered(lambda r: r.credit > 0))', '[]', 2, '2025-01-05'),
  (9, 'App Gone', NULL, 'auto', 'currency', 100000, '5', 'higher_better', NULL, NULL,
   'sales', 'x.gone', 'date', 'this_month', 'sum(r.amount for r in records)', NULL,
   2, '2025-01-05'),
  (10, 'All of Them', NULL, 'auto', 'number', 0, '3', 'higher_better', NULL, 'daily',
   NULL, 'res.partner', NULL, NULL, 'count_a', NULL, 2, '2025-01-05');
INSERT INTO kpi_report_res_users_rel
VALUES (1, 901), (1, 902), (2, 901), (4, 901), (4, 902), (5, 901), (5, 902), (8, 901);

-- Visits of Ann: two days of one week (the later counts), and the next week.
INSERT INTO kpi_report_submission
       (id, kpi_id, user_id, date, value, target_value, note, score_label,
        create_uid, create_date)
VALUES
  (1, 1, 901, '2025-06-02 10:00', 30, 40, 'Monday', 'Average', 901, '2025-06-02 10:00'),
  (2, 1, 901, '2025-06-06 10:00', 38, 40, 'Friday', 'Excellent', 901, '2025-06-06 10:00'),
  (3, 1, 901, '2025-06-09 10:00', 20, 40, NULL, NULL, 901, '2025-06-09 10:00'),
  (4, 1, 902, '2025-06-06 11:00', 44, 40, NULL, NULL, 902, '2025-06-06 11:00'),
  (5, 1, 903, '2025-06-06 12:00', 11, 40, 'left since', NULL, 903, '2025-06-06 12:00'),
  (6, 1, NULL, '2025-06-06 13:00', 7, 40, 'whose?', NULL, 2, '2025-06-06 13:00'),
  (7, 2, 901, '2025-05-31 23:30', 4, 5, NULL, NULL, 901, '2025-05-31 23:30'),
  (8, 2, 901, '2025-06-30 10:00', NULL, 5, NULL, NULL, 901, '2025-06-30 10:00'),
  (9, 3, 2, '2025-06-30 10:00', 1, 1, NULL, NULL, 2, '2025-06-30 10:00'),
  (10, 4, 901, '2025-06-30 10:00', 12, 10, NULL, NULL, 1, '2025-06-30 10:00'),
  (11, 4, 902, '2025-06-30 10:01', 12, 10, NULL, NULL, 1, '2025-06-30 10:01'),
  (12, 5, 902, '2025-06-30 10:01', 3, 6, NULL, NULL, 1, '2025-06-30 10:01'),
  (13, 8, 901, NULL, 9, 1, NULL, NULL, 1, '2025-06-30 10:01'),
  (14, 9, 2, '2025-06-30 10:00', 250000.5, 100000, NULL, NULL, 1, '2025-06-30 10:00'),
  (15, 8, 901, '2025-07-01 10:00', 'NaN', 1, NULL, NULL, 1, '2025-07-01 10:00');
INSERT INTO kpi_report_group_submission
       (id, report_id, date, value, user_id, note, score_label, create_uid, create_date)
VALUES (1, 1, '2025-06-30 10:00', 82.5, 2, 'Auto submission', 'Good', 2, '2025-06-30'),
       (2, 1, '2025-07-01 10:00', 91, 2, NULL, 'Good', 2, '2025-07-01');

SELECT setval(pg_get_serial_sequence(name, 'id'), 100)
  FROM (VALUES ('kpi_report'), ('kpi_report_group'), ('kpi_report_submission'),
               ('kpi_report_group_submission')) AS made(name);
