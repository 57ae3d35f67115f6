"""The second line as it is read and kept by a person (tests/data/catalogue.txt):
policies, grants, CHECKs, what is unique, triggers, functions with the owner's
rights. Nothing of it is loosened, or tightened, unseen."""

import pytest

import catalogue
from instance import ROOT

LIST = ROOT / "tests" / "data" / "catalogue.txt"


@pytest.fixture(scope="module")
def kept():
    return catalogue.read(LIST.read_text())


@pytest.fixture(scope="module")
def found(new_session):
    return catalogue.of_database(new_session().run)


@pytest.mark.fact(80)
def test_the_catalogue_is_as_the_list_says(kept, found):
    """What has changed knowingly is changed in the list: `make catalogue`
    prints what the database says."""
    assert list(catalogue.differences(kept, found)) == []


def test_the_list_is_kept_in_order(kept):
    assert LIST.read_text() == catalogue.HEADER + catalogue.write(kept)


# -- what would be seen ------------------------------------------------------

CHANGES = [
    ("alter policy contact on casework.cases using (true)",
     "policy contact of casework_contact"),
    ("alter policy staff on casework.webhooks to casework_staff,"
     " casework_partner", "policy staff of casework_partner"),
    ("create policy more on casework.notes for select to casework_public"
     " using (true)", "policy more of casework_public selects"),
    ("drop policy telephony on casework.call_routings",
     "not so any more: policy telephony"),
    ("alter table casework.contacts no force row level security",
     "row-level security, but not its owner"),
    ("alter table casework.contacts disable row level security",
     "not so any more: row-level security is forced"),
    ("grant update (text) on casework.notes to casework_staff",
     "casework_staff: update text"),
    ("grant select (email) on casework.staff to casework_contact",
     "new, and not in the list: casework_contact: select email"),
    ("grant delete on casework.events to casework_worker",
     "casework_worker: delete"),
    ("grant usage on schema casework to public", "everybody: usage"),
    ("alter table casework.webhooks drop constraint"
     " webhooks_owner_kind_check", "not so any more: CHECK ((owner_kind"),
    ("drop index casework.calls_busy",
     "not so any more: unique (advisor_id) where"),
    ("alter table casework.calls alter column queued_at drop not null",
     "not so any more: required queued_at"),
    ("alter table casework.notes disable trigger user", ", disabled"),
    ("alter view views.note_document set (security_invoker = false)",
     "security_invoker=false"),
    ("alter function rules.erase_in_answers(bigint, text, text) reset all",
     "not so any more: search_path"),
    ("grant execute on function rules.toll_free_number to casework_partner",
     "called by"),
    ("alter function rules.add_note security definer",
     "not in the list"),
    ("alter domain casework.verification_method drop constraint"
     " verification_method_check", "not so any more: CHECK"),
    ("grant casework_staff to casework_contact",
     "is a member of casework_staff"),
    ("alter role casework_partner bypassrls", "bypasses row-level security"),
]


@pytest.mark.parametrize("change, sentence", [
    pytest.param(*pair, id=pair[0][:60]) for pair in CHANGES])
def test_what_is_loosened_is_named(kept, new_session, change, sentence):
    session = new_session()
    session.run("begin")
    try:
        session.run(change)
        said = list(catalogue.differences(
            kept, catalogue.of_database(session.run)))
    finally:
        session.run("rollback")
    assert any(sentence in line for line in said), said
