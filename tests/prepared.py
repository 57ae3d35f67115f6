"""What an operation of changes, sites and redaction needs before its documented
example can succeed. Generated tests take ids and states from here."""


def a_change_request(case, by, verified=False, text="Merge two."):
    """The id of a change request of the case."""
    change = case.ask_for_change(by, description=text).expect(201)
    if verified:
        case.note(text=f"Confirmed: {change['reference']}").expect(201)
    return change["id"]


def a_site_permission(case, site, text="You may do that."):
    """The id of a live permission on the case."""
    return case.permit(site_id=site, text=text).expect(201)["id"]


def several(case, staff):
    """Two of everything that is listed below a case."""
    site = case.submitter.district.site()
    for _ in range(2):
        a_change_request(case, staff)
        a_site_permission(case, site)
        case.visit(staff, site).expect(201)


def fit(op, case, stage, ids, body):
    """Brings about what the operation is for, on that case: sets ids and
    changes the body."""
    if "change_request_id" in op.names:
        ids["change_request_id"] = a_change_request(
            case, stage.staff, verified=op.id == "perform_change_request")
    if "site_permission_id" in op.names:
        ids["site_permission_id"] = a_site_permission(
            case, stage.district.site())
    if op.id in ("grant_site_permission", "record_site_access"):
        body["site_id"] = stage.district.site()
    if op.id == "redact_note":
        ids["note_id"] = case.note().expect(201)["id"]
    if op.id == "create_release":
        body["release"] = f"served-{case.id}"
    if op.id == "create_reporting_deadline":
        body["name"] = f"Count {case.id}"
