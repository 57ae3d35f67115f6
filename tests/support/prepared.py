"""Changes, permissions and accesses of a case, as other tests need them."""


def a_change_request(case, by, verified=False, text="Merge two."):
    """The id of a change request of the case."""
    change = case.ask_for_change(by, description=text).expect(201)
    if verified:
        confirm(case.submitter, change["id"], text).expect(200)
    return change["id"]


def confirm(by, change_request_id, text="I agree to it.", etag="*", **more):
    """The contact on the case agrees to a change."""
    return by.post(f"/v1/change-requests/{change_request_id}/confirmation",
                   {"text": text}, etag=etag, **more)


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
