from dataclasses import dataclass

from odoo.tools import SQL

from .records import SourceRecords


@dataclass(frozen=True)
class Branch:
    """One way in which records are put into scopes: a GROUP BY of the statement.

    :param scope_types: scopes whose reports it fills
    :param join: SQL that follows the FROM clause
    :param scopes: SELECT expressions scope_type, scope_id, company_id
    :param sets: columns to group by; more than one become GROUPING SETS
    :param ids: scope type → id of the scope that a record counts for
    """

    scope_types: tuple[str, ...]
    join: SQL
    scopes: SQL
    sets: tuple[tuple[SQL, ...], ...]
    ids: dict[str, SQL]

    def group_by_sql(self, *more):
        """The GROUP BY list, with the columns ``more`` in every set."""
        sets = [SQL(", ").join((*columns, *more)) for columns in self.sets]
        if len(sets) == 1:
            return sets[0]
        return SQL(
            "GROUPING SETS (%s)", SQL(", ").join(SQL("(%s)", each) for each in sets)
        )


class Scopes(SourceRecords):
    """Whom a record counts for: company, departments, teams, people."""

    def branches(self, scope_types):
        """The GROUP BYs that fill ``scope_types``: plain columns first, then joins."""
        branches = [self._plain_branch(scope_types)]
        user = self.source.user_field and self._end(self.source.user_field)
        if user and user.type == "many2many" and "user" in scope_types:
            branches.append(self._many_users_branch(user))
        source = self.source
        own = {"department": source.department_field, "team": source.team_field}
        members = tuple(
            scope for scope in own if scope in scope_types and not own[scope]
        )
        if members and user:
            branches.append(self._membership_branch(members, user))
        if self.source.department_field and "department" in scope_types:
            join = SQL(
                """
                JOIN hr_department AS department ON department.id = %s
                CROSS JOIN unnest(string_to_array(
                  trim(department.parent_path, '/'), '/')) AS ancestor(id)
                """,
                self.column(self.source.department_field),
                to_flush=self.env["hr.department"]._fields["parent_path"],
            )
            branches.append(
                Branch(
                    scope_types=("department",),
                    join=join,
                    scopes=SQL(
                        "'department' AS scope_type, ancestor.id::int AS scope_id,"
                        " %s AS company_id",
                        self.company,
                    ),
                    sets=((self.period, SQL("ancestor.id"), *self._record_company()),),
                    ids={"department": SQL("ancestor.id::int")},
                )
            )
        return [branch for branch in branches if branch]

    def branch_of(self, scope_type):
        """The branch that fills the reports of one ``scope_type``."""
        branches = self.branches({scope_type})
        return next(each for each in branches if scope_type in each.scope_types)

    def _plain_branch(self, scope_types):
        """Company, team and user by columns of the record: one pass, GROUPING SETS."""
        source, columns = self.source, {}
        if "user" in scope_types and source.user_field:
            if self._end(source.user_field).type == "many2one":
                columns["user"] = self.column(source.user_field)
        if "team" in scope_types and source.team_field:
            columns["team"] = self._team_column()
        if not columns and "company" not in scope_types:
            return None
        by_company = self._record_company()
        sets = [(self.period, *by_company, column) for column in columns.values()]
        if "company" in scope_types:
            sets.append((self.period, *by_company))
        cases = [
            SQL("WHEN GROUPING(%s) = 0 THEN %s", column, name)
            for name, column in columns.items()
        ]
        ids = [
            SQL("WHEN GROUPING(%s) = 0 THEN %s", column, column)
            for column in columns.values()
        ]
        case = SQL("CASE %s ELSE 'company' END", SQL(" ").join(cases))
        scope_id = SQL("CASE %s ELSE %s END", SQL(" ").join(ids), self.company)
        return Branch(
            scope_types=(*columns, *(["company"] if "company" in scope_types else [])),
            join=SQL(),
            scopes=SQL(
                "%s AS scope_type, %s AS scope_id, %s AS company_id",
                case if columns else SQL("'company'"),
                scope_id if columns else self.company,
                self.company,
            ),
            sets=tuple(sets),
            ids={**columns, "company": self.company},
        )

    def _team_column(self):
        """Team of the record; one of another app through the team linked to it."""
        column = self.column(self.source.team_field)
        comodel = self._end(self.source.team_field).comodel_name
        if comodel == "kpi.team":
            return column
        teams = self.env["kpi.team"]._fields
        self.query.add_join(
            "LEFT JOIN",
            "linked_team",
            "kpi_team",
            SQL(
                "linked_team.linked_model = %s AND linked_team.linked_id = %s",
                comodel,
                column,
                to_flush=[teams["linked_model"], teams["linked_id"]],
            ),
        )
        return SQL.identifier("linked_team", "id")

    def _record_company(self):
        """The company as a column to group by, where it is not the same for all."""
        return () if self.source.company_id else (self.company,)

    def _many_users_branch(self, user):
        relation = SQL(
            "JOIN %s AS person ON person.%s = %s",
            SQL.identifier(user.relation),
            SQL.identifier(user.column1),
            SQL.identifier(self.query.table, "id"),
            to_flush=user,
        )
        person = SQL("person.%s", SQL.identifier(user.column2))
        return Branch(
            scope_types=("user",),
            join=relation,
            scopes=SQL(
                "'user' AS scope_type, %s AS scope_id, %s AS company_id",
                person,
                self.company,
            ),
            sets=((self.period, person, *self._record_company()),),
            ids={"user": person},
        )

    def _membership_branch(self, scope_types, user):
        on_day = SQL(
            "membership.company_id = %s AND %s >= membership.date_from"
            " AND %s < membership.date_to AND (%s)",
            self.company,
            self.member_day,
            self.member_day,
            self._tracked_scopes_sql(scope_types),
        )
        if user.type == "many2many":
            # Two people of one department on a record: it counts once.
            join = SQL(
                """
                JOIN LATERAL (
                  SELECT DISTINCT membership.scope_type, membership.scope_id,
                         membership.company_id
                    FROM %s AS person
                    JOIN kpi_membership AS membership
                      ON membership.user_id = person.%s AND %s
                   WHERE person.%s = %s
                ) AS membership ON TRUE
                """,
                SQL.identifier(user.relation),
                SQL.identifier(user.column2),
                on_day,
                SQL.identifier(user.column1),
                SQL.identifier(self.query.table, "id"),
                to_flush=user,
            )
        else:
            join = SQL(
                "JOIN kpi_membership AS membership ON membership.user_id = %s AND %s",
                self.column(self.source.user_field),
                on_day,
            )
        columns = SQL(
            "membership.scope_type, membership.scope_id, membership.company_id"
        )
        return Branch(
            scope_types=tuple(scope_types),
            join=join,
            scopes=columns,
            sets=((self.period, columns),),
            ids={
                scope: SQL(
                    "CASE WHEN membership.scope_type = %s THEN membership.scope_id END",
                    scope,
                )
                for scope in scope_types
            },
        )

    def _tracked_scopes_sql(self, scope_types):
        """Condition on memberships: half the departments are half the work.

        The ids are given, as a subquery would be asked again for every record.
        """
        tracked = self.source.env["kpi.report"].with_context(active_test=False)
        groups = tracked._read_group(
            [
                ("definition_id", "in", self.source.definition_ids.ids),
                ("scope_type", "in", scope_types),
            ],
            ["scope_type"],
            ["scope_id:array_agg_distinct"],
        )
        return SQL(" OR ").join(
            [
                SQL(
                    "membership.scope_type = %s AND membership.scope_id = ANY(%s)",
                    scope_type,
                    scope_ids,
                )
                for scope_type, scope_ids in groups
            ]
            or [SQL("FALSE")]
        )
