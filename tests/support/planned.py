"""Plans of statements that functions make, with their parameters filled in."""


def filled(text, values):
    for place, value in values.items():
        text = text.replace(place, f"({value})")
    return text


def explained(session, text, values, without):
    """The plan for a million rows, as far as the planner knows."""
    text = session.value(f"select {text}")
    try:
        return session.run(
            "begin; update pg_catalog.pg_class set relpages = 1, reltuples ="
            " 1000000 where oid in ('casework.case_words'::regclass,"
            " 'casework.note_words'::regclass, 'casework.cases'::regclass);"
            f" set local enable_seqscan = off; set local {without} = off;"
            f" explain (costs off) {filled(text, values)}")
    finally:
        session.run("rollback")
