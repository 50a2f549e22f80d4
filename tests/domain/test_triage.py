"""落格、分类、自处置、合并."""

from dataclasses import replace

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CATEGORIES,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    INTAKE,
    MINUTE,
    SEEN,
    VERIFIER,
    WORKER,
    closed,
    dispatched,
    drawn,
    facts,
    quiet,
    raised,
    said,
    triaged,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.events import Place, State
from tracker.domain.whistle.refusals.lifecycle import AlreadyMerged
from tracker.domain.whistle.refusals.merging import CannotMerge, TooLateToUnmerge
from tracker.domain.whistle.refusals.resolving import AlreadyVerified, SamePersonAgain
from tracker.domain.whistle.refusals.triage import (
    DowngradeNeedsReason,
    NotSelfResolvable,
    NotYourGrid,
    PhotosNeeded,
    UseCorrect,
)
from tracker.domain.whistle.states import Verdict

BOTH_PHOTOS = [said("photo_before"), said("photo_after")]


def merge(child, parent, **rules):
    terms = {"same_family": True, "same_named_place": False} | rules
    child.merge(parent, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY, **terms)


def test_classifying_ends_triage_and_the_class_counts_from_the_registration():
    whistle = raised(None)

    whistle.classify(CATEGORIES["E0101"], actor=INTAKE, at=MONDAY_TEN + HOUR, policy=POLICY)

    assert whistle.state is State.TRIAGED
    assert shown(whistle.clocks["resolve"].due) == "03-03 10:00"


def test_a_shorter_class_never_gives_less_than_its_respond_limit_from_now():
    whistle = raised("C0103")

    at = city("2026-03-02T15:00")
    whistle.classify(CATEGORIES["E0502"], actor=INTAKE, at=at, policy=POLICY)

    assert shown(whistle.clocks["respond"].due) == "03-02 17:00"
    assert shown(whistle.clocks["resolve"].due) == "03-03 10:00"


def test_a_missed_deadline_stays_missed_in_a_shorter_class():
    whistle = raised("C0103")
    whistle.elapse(at := city("2026-03-02T16:30"), POLICY)

    whistle.classify(CATEGORIES["E0502"], actor=INTAKE, at=at, policy=POLICY)

    assert shown(whistle.clocks["respond"].due) == "03-02 16:00"
    assert shown(whistle.clocks["resolve"].due) == "03-03 10:00"


def test_leaving_the_emergency_class_needs_a_reason_and_ends_the_control_clock():
    whistle = raised("E0404", units=("U07",), category_source="suggested")

    with pytest.raises(DowngradeNeedsReason):
        whistle.classify(CATEGORIES["E0107"], actor=INTAKE, at=MONDAY_TEN, policy=POLICY)
    words = [said("reason")]
    whistle.classify(CATEGORIES["E0107"], actor=INTAKE, at=MONDAY_TEN, policy=POLICY, words=words)

    assert whistle.clocks["control"].stopped_at == MONDAY_TEN
    assert shown(whistle.clocks["resolve"].due) == "03-03 10:00"


def test_a_confidential_category_makes_it_confidential_and_it_stays_so():
    whistle = triaged()

    whistle.classify(CATEGORIES["E0803"], actor=INTAKE, at=MONDAY_TEN, policy=POLICY)
    drawn(whistle)
    whistle.classify(CATEGORIES["E0101"], actor=INTAKE, at=MONDAY_TEN, policy=POLICY)

    assert whistle.confidential


def test_locating_moves_it_to_another_post_and_no_clock():
    whistle = raised(place=Place())

    whistle.locate(HERE, actor=INTAKE, at=MONDAY_TEN, policy=POLICY)

    [located] = whistle.collect_events()
    assert (whistle.place.post, located.clocks, whistle.state) == ("CP04", (), State.TRIAGED)


def test_the_grid_worker_resolves_on_the_spot_with_both_pictures():
    whistle = raised()

    whistle.self_resolve(
        CATEGORIES["E0101"], actor=WORKER, at=MONDAY_TEN, policy=POLICY, words=BOTH_PHOTOS
    )

    assert facts(whistle)[0] == "SelfResolved"
    assert all(whistle.clocks[key].stopped_at for key in ("respond", "resolve"))


@pytest.mark.parametrize(
    ("category", "actor", "words", "refusal"),
    [
        ("E0101", WORKER, [said("photo_after")], PhotosNeeded),
        ("E0102", WORKER, BOTH_PHOTOS, NotSelfResolvable),
        ("C0102", WORKER, BOTH_PHOTOS, NotSelfResolvable),
        (
            "E0101",
            Actor("gw", Role.GRID_WORKER, grid="53250300100101"),
            BOTH_PHOTOS,
            NotYourGrid,
        ),
    ],
)
def test_what_may_not_be_self_resolved(category, actor, words, refusal):
    whistle = raised(category)

    with pytest.raises(refusal):
        whistle.self_resolve(
            CATEGORIES[category], actor=actor, at=MONDAY_TEN, policy=POLICY, words=words
        )

    assert whistle.collect_events() == []


def self_resolved(audit: bool):
    while True:
        whistle = raised()
        whistle.self_resolve(
            CATEGORIES["E0101"], actor=WORKER, at=MONDAY_TEN, policy=POLICY, words=BOTH_PHOTOS
        )
        if whistle.audited is audit:
            return quiet(whistle)


def test_one_in_ten_self_resolutions_is_audited():
    drawn = [raised().sampled("audit") for _ in range(2000)]

    assert 140 < sum(drawn) < 260


def test_an_unaudited_self_resolution_closes_by_itself_after_a_day():
    whistle = self_resolved(audit=False)

    whistle.elapse(MONDAY_TEN + 2 * DAY, POLICY)

    assert facts(whistle) == []
    assert (whistle.closed_at, whistle.state) == (MONDAY_TEN, State.SELF_RESOLVED_CLOSED)


def test_a_failed_audit_goes_back_to_triage_with_the_clocks_as_from_the_registration():
    whistle = self_resolved(audit=True)

    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN + MINUTE, policy=POLICY)

    assert whistle.state is State.TRIAGED
    assert shown(whistle.clocks["resolve"].due) == "03-03 10:00"
    assert whistle.clocks["respond"].running


def test_nobody_audits_their_own_self_resolution():
    whistle = self_resolved(audit=True)

    with pytest.raises(SamePersonAgain):
        whistle.verify(True, actor=WORKER, at=MONDAY_TEN, policy=POLICY)


def test_a_merged_child_follows_its_parent_and_has_no_running_clock():
    parent, child = dispatched(), dispatched()

    merge(child, parent)

    assert (facts(child), facts(parent)) == (["Merged"], ["ChildJoined"])
    assert (child.state, child.lead, child.merged_into) == (State.MERGED, None, parent.id)
    assert not any(clock.running for clock in child.clocks.values())
    assert parent.children == {child.id: child.number}


def test_a_parent_inherits_the_earlier_registration_of_an_older_child():
    parent = triaged(at=MONDAY_TEN + HOUR)
    child = triaged(at=MONDAY_TEN)

    child.merge(
        parent,
        actor=DISPATCHER,
        at=MONDAY_TEN + HOUR,
        policy=POLICY,
        same_family=True,
        same_named_place=False,
    )

    assert shown(parent.clocks["resolve"].due) == "03-03 10:00"
    assert parent.registered_at == MONDAY_TEN + HOUR


@pytest.mark.parametrize(
    ("parent", "rules", "why"),
    [
        (triaged(), {"same_family": False}, "category"),
        (triaged(place=replace(HERE, lat=23.3900)), {}, "too_far"),
        (triaged(at=MONDAY_TEN - 31 * DAY), {}, "too_old"),
        (triaged(confidential_basis="reporter"), {}, "confidential"),
        (closed(), {}, "terminal"),
    ],
)
def test_what_may_not_be_merged(parent, rules, why):
    child = triaged()

    with pytest.raises(CannotMerge) as refusal:
        merge(child, parent, **rules)

    assert refusal.value.facts["why"] == why


def test_a_place_with_the_same_name_merges_over_any_distance():
    parent = triaged(place=replace(HERE, lat=23.3900))
    child = triaged()

    merge(child, parent, same_named_place=True)

    assert child.state is State.MERGED


def test_there_are_no_chains_of_merges():
    parent, middle, child = triaged(), triaged(), triaged()
    merge(middle, parent)

    with pytest.raises(CannotMerge) as refusal:
        merge(child, middle)

    assert refusal.value.facts["why"] == "chain"
    said = refusal.value.message.say("zh", refusal.value.facts)
    assert said.endswith("那件已并入别的")
    assert refusal.value.remedy.say("zh", refusal.value.facts) == f"请并入 {parent.number}"
    assert refusal.value.remedy.say("en", refusal.value.facts) == f"Merge it into {parent.number}"


def test_a_merged_whistle_answers_every_command_with_the_way_to_its_parent():
    parent, child = triaged(), triaged()
    merge(child, parent)

    with pytest.raises(AlreadyMerged) as refusal:
        child.pool(CATEGORIES["E0101"], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    assert refusal.value.facts["into"] == parent.number


def test_unmerged_it_is_on_its_own_again_with_its_own_clocks():
    parent, child = triaged(), triaged()
    merge(child, parent)

    child.unmerge(parent, actor=DISPATCHER, at=MONDAY_TEN + HOUR, policy=POLICY)

    assert (child.state, child.merged_into, parent.children) == (State.TRIAGED, None, {})
    assert child.clocks["respond"].running


def test_after_fifteen_days_closed_nothing_is_unmerged():
    parent, child = triaged(), triaged()
    merge(child, parent)
    parent.closed_at = MONDAY_TEN

    with pytest.raises(TooLateToUnmerge):
        child.unmerge(parent, actor=DISPATCHER, at=MONDAY_TEN + 15 * DAY + MINUTE, policy=POLICY)


@pytest.mark.parametrize(
    ("passed", "verdict"), [(True, Verdict.PASSED), (False, Verdict.FAILED)], ids=["passed", "not"]
)
def test_who_audits_second_is_told_who_was_first_and_what_was_found(passed, verdict):
    whistle = self_resolved(audit=True)
    whistle.verify(passed, words=SEEN, actor=VERIFIER, at=MONDAY_TEN + MINUTE, policy=POLICY)

    with pytest.raises(AlreadyVerified) as refusal:
        whistle.verify(True, actor=INTAKE, at=MONDAY_TEN + HOUR, policy=POLICY)

    assert (refusal.value.facts["by"], refusal.value.facts["verdict"]) == (
        VERIFIER.account,
        verdict,
    )


def of_an_old_log():
    """Its window for objections runs, as it did before the sample alone was waited for."""
    whistle = self_resolved(audit=True)
    whistle.audited = False
    del whistle.clocks["verify"]
    whistle.clocks["audit"] = POLICY.until(ClockKind.AUDIT, MONDAY_TEN + DAY, MONDAY_TEN)
    return whistle


def test_an_audit_that_agrees_closes_it_and_so_does_a_day_without_objection_in_an_old_log():
    audited, unaudited = self_resolved(audit=True), of_an_old_log()

    audited.verify(True, actor=VERIFIER, at=MONDAY_TEN + HOUR, policy=POLICY)
    unaudited.elapse(MONDAY_TEN + 2 * DAY, POLICY)

    for whistle, basis, by, at in (
        (audited, "audit", VERIFIER.account, MONDAY_TEN + HOUR),
        (unaudited, "window", "system", MONDAY_TEN + DAY),
    ):
        [closing] = whistle.collect_events()
        assert (closing.basis, closing.by, whistle.closed_at) == (basis, by, at)
        assert whistle.state is State.SELF_RESOLVED_CLOSED
    assert unaudited.check is None


def test_what_was_drawn_for_an_audit_is_owed_one_in_a_working_day_and_waits_however_long():
    whistle = self_resolved(audit=True)
    assert shown(whistle.clocks["verify"].due) == "03-03 17:30"

    whistle.elapse(MONDAY_TEN + 30 * DAY, POLICY)

    assert (whistle.state, whistle.card) == (State.SELF_RESOLVED, "none")
    assert (whistle.level, whistle.supervised) == (4, True)


def test_a_warning_given_before_a_self_resolution_is_not_given_again_when_its_audit_fails():
    while not (whistle := raised()).sampled("audit"):
        pass
    whistle.elapse(MONDAY_TEN + HOUR + MINUTE, POLICY)
    given = whistle.clocks["respond"].reached
    whistle.self_resolve(
        CATEGORIES["E0101"],
        actor=WORKER,
        at=MONDAY_TEN + 2 * HOUR,
        policy=POLICY,
        words=BOTH_PHOTOS,
    )

    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN + 3 * HOUR, policy=POLICY)

    assert given and whistle.clocks["respond"].reached == given
    assert whistle.clocks["respond"].cycle == 1


def test_a_place_ends_triage_only_where_a_person_has_chosen_the_category():
    suggested = raised(category_source="suggested", place=Place())
    sent = dispatched(place=Place())

    suggested.locate(HERE, actor=INTAKE, at=MONDAY_TEN, policy=POLICY)
    sent.locate(HERE, actor=INTAKE, at=MONDAY_TEN, policy=POLICY)

    assert (suggested.state, sent.state) == (State.RAISED, State.DISPATCHED)


def test_a_milder_class_lengthens_both_promises_from_the_registration():
    whistle = triaged("E0101")

    whistle.classify(CATEGORIES["C0103"], actor=INTAKE, at=MONDAY_TEN + HOUR, policy=POLICY)

    [classified] = whistle.collect_events()
    assert (classified.category, classified.sla_class, classified.downgraded) == (
        "C0103",
        "G4",
        False,
    )
    assert shown(whistle.clocks["respond"].due) == "03-02 16:00"
    assert shown(whistle.clocks["resolve"].due) == "03-09 17:30"


def test_the_same_class_again_moves_no_promise():
    whistle = triaged("E0101")

    whistle.classify(CATEGORIES["E0101"], actor=INTAKE, at=MONDAY_TEN + HOUR, policy=POLICY)

    [classified] = whistle.collect_events()
    assert (classified.clocks, whistle.category_source) == ((), "chosen")


def test_a_class_chosen_by_a_person_stands_above_the_categorys_own():
    whistle = raised("C0103")

    whistle.classify(
        CATEGORIES["C0103"], actor=INTAKE, at=MONDAY_TEN, policy=POLICY, sla_class="U2"
    )

    assert (whistle.sla_class, shown(whistle.clocks["respond"].due)) == ("U2", "03-02 12:00")


def test_what_has_no_category_yet_is_not_resolved_on_the_spot():
    with pytest.raises(NotSelfResolvable):
        raised(None).self_resolve(
            None, actor=WORKER, at=MONDAY_TEN, policy=POLICY, words=BOTH_PHOTOS
        )


def test_a_warning_that_was_given_is_not_given_again_under_another_class():
    whistle = triaged("E0101")
    whistle.elapse(MONDAY_TEN + HOUR + MINUTE, POLICY)
    given = whistle.clocks["respond"].reached
    quiet(whistle)

    at = MONDAY_TEN + HOUR + 2 * MINUTE
    whistle.classify(CATEGORIES["C0103"], actor=INTAKE, at=at, policy=POLICY)

    [classified] = whistle.collect_events()
    assert given and whistle.clocks["respond"].reached == given
    assert {clock.key: clock.cycle for clock in classified.clocks} == {"respond": 1, "resolve": 1}


def test_one_person_alone_moves_it_to_another_post_in_the_first_half_of_the_respond_limit():
    early, late = triaged(), triaged()  # Q3: two working hours
    elsewhere = replace(HERE, post="CP05")

    early.locate(elsewhere, actor=INTAKE, at=MONDAY_TEN + HOUR, policy=POLICY)
    with pytest.raises(UseCorrect):
        late.locate(elsewhere, actor=INTAKE, at=MONDAY_TEN + HOUR + MINUTE, policy=POLICY)

    assert (early.place.post, late.place.post) == ("CP05", "CP04")


@pytest.mark.parametrize("command", ["locate", "classify"])
def test_what_is_known_is_only_corrected_once_units_are_sent(command):
    whistle = dispatched()
    what = HERE if command == "locate" else CATEGORIES["C0103"]

    with pytest.raises(UseCorrect):
        getattr(whistle, command)(what, actor=INTAKE, at=MONDAY_TEN, policy=POLICY)


@pytest.mark.parametrize(("urgency", "category"), [(None, "E0101"), ("E1", "C0103")])
def test_one_person_alone_chooses_no_class_milder_than_category_and_reporter(urgency, category):
    whistle = raised(None, urgency=urgency, sla_class=urgency or "G4")

    with pytest.raises(UseCorrect):
        whistle.classify(
            CATEGORIES[category], actor=INTAKE, at=MONDAY_TEN, policy=POLICY, sla_class="G4",
            words=[said("reason")],
        )  # fmt: skip
