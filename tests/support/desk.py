"""What the desk runs by, kept and put back: calendar, levels, settings. There is
one of each, for all tests of a process."""

PATHS = ("/v1/holidays", "/v1/service-levels", "/v1/product-areas",
         "/v1/platforms", "/v1/settings")
CALENDAR = ("past_hours", "business_hours", "holidays", "follow_up_plan")
OTHERS = ("platform_names", "assignment_settings", "attachment_settings",
          "survey_settings", "escalation_path", "published_claims",
          "support_facts", "support_line", "desk_texts",
          "state_reporting_settings", "retention_settings", "settings")
# Those that cases and others refer to: rows that came stay.
NAMED = {"service_levels": ("priority", "business_seconds", "response_time",
                            "example"),
         "product_areas": ("code", "name", "position", "team", "active"),
         "platforms": ("name", "minimum_version"),
         "alert_rules": ("kind", "enabled", "recipients", "mail", "percent",
                         "business_days")}


def is_of_the_desk(op):
    return op.path.startswith(PATHS)


def keep_desk(sql):
    for name in (*CALENDAR, *OTHERS, *NAMED):
        sql.run(f"drop table if exists pg_temp.kept_{name};"
                f" create temporary table kept_{name} as"
                f" select * from casework.{name}")


def is_changed(sql, name, columns="*"):
    return sql.value(
        f"select exists (select {columns} from casework.{name} except"
        f" select {columns} from pg_temp.kept_{name}) or exists ("
        f"select {columns} from pg_temp.kept_{name} except"
        f" select {columns} from casework.{name}) as changed")


def put_desk_back(sql):
    """Whether the calendar was another one."""
    moves = False
    for name, (key, *members) in NAMED.items():
        if is_changed(sql, name, ", ".join((key, *members))):
            moves |= name == "service_levels"
            sql.run(f"update casework.{name} t set ({', '.join(members)}) ="
                    f" row (k.{', k.'.join(members)}) from"
                    f" pg_temp.kept_{name} k where t.{key} = k.{key}")
    for name in (*CALENDAR, *OTHERS):
        if is_changed(sql, name):
            moves |= name in CALENDAR
            sql.run(f"begin; delete from casework.{name};"
                    f" insert into casework.{name}"
                    f" select * from pg_temp.kept_{name}; commit")
    return moves
