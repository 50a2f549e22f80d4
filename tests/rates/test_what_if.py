"""What if: the same facts under other promises, beside what was promised, which never changes."""

import random

import psycopg
import pytest

from tests.made_of import SECRET
from tests.mengzi import PACK
from tests.rates.asked import NOW, answer, imported
from tests.rates.facts import facts
from tests.rates.projecting import project
from tests.rates.test_report_pdf import CATEGORIES
from tracker.commands.tracker import Tracker
from tracker.demo.living import live
from tracker.metrics.asking import ask as ask_question
from tracker.metrics.cohorts import Cohort
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.what_if.alternative import PolicyUnreadable, alternative, own_routes
from tracker.reports.what_if.replay import replay
from tracker.reports.what_if.running import NoUnitView, UnknownWhatIf, ask, changes, find, work
from tracker.schedule.schedule import Scheduler
from tracker.settings import Settings

SEPTEMBER = ("2026-09-01", "2026-10-01")
SHORT = {"sla_classes": [{"code": "G4", "resolve": {"value": 1, "unit": "working_days"}}]}
LONG = {
    "sla_classes": [
        {"code": code, "respond": {"value": 9, "unit": "working_days"}}
        for code in ("Q3", "G4", "X5", "C6")
    ]
}
RATES = ("response_rate", "on_time_response_rate", "on_time_resolution_rate")
LOG = """
    SELECT count(*), max(position), md5(string_agg(state::text, '' ORDER BY position))
      FROM stored_events
"""
WHISTLES = "SELECT DISTINCT originator_id FROM stored_events WHERE topic = 'whistle.raised'"


@pytest.fixture(scope="module")
def city(module_city, tmp_path_factory):
    settings = Settings(database_url=module_city, secret_key=SECRET)
    with (
        Tracker(settings) as tracker,
        psycopg.connect(module_city, autocommit=True) as connection,
    ):
        imported(tracker, facts(random.Random(3), 300, CATEGORIES), tmp_path_factory.mktemp("f"))
        project(connection)
        yield tracker, connection


def asked(city, given, scope="city", as_of=None, **more):
    tracker, connection = city
    moments = LogMoments(connection)
    question = ask_question(
        tracker.city, moments, NOW, scope=scope, from_=SEPTEMBER[0], to=SEPTEMBER[1], as_of=as_of
    )
    return ask(
        tracker, connection, question, given, by="leader", now=NOW, newest=moments.newest(), **more
    )


def done(city, given, **more):
    one = asked(city, given, **more)
    assert work(city[1], only=one.id) == [one.id]
    return find(city[1], one.id)


@pytest.mark.parametrize("scope", ["city", "post:CP03", "category:C01"])
def test_the_promised_side_is_what_the_rates_say(city, scope):
    found = done(city, LONG, scope=scope).figures

    metrics = answer(city[1], city[0].city, scope, *SEPTEMBER)["metrics"]
    assert {name: found["rates"][name]["promised"] for name in RATES} == {
        name: metrics[name] for name in RATES
    }


def test_more_time_makes_no_answer_late_and_less_makes_none_on_time(city):
    longer, shorter = done(city, LONG), done(city, SHORT)

    assert not {kind for kind in longer.figures["changes_by_kind"] if "on_time → late" in kind}
    assert longer.figures["changes_by_kind"]["respond: late → on_time"] > 0
    assert not {kind for kind in shorter.figures["changes_by_kind"] if "late → on_time" in kind}
    assert shorter.figures["changes_by_kind"]["resolve: on_time → late"] > 0


def test_the_list_is_as_long_as_the_figure_and_the_sides_differ(city):
    one = done(city, LONG)

    found, following = changes(city[1], one.id, limit=5)
    every, _ = changes(city[1], one.id, limit=100_000)

    assert (len(found), following) == (5, 4)
    assert len(every) == one.figures["changes"] == sum(one.figures["changes_by_kind"].values())
    assert all(change["promised"]["side"] != change["what_if"]["side"] for change in every)


def test_nothing_that_was_promised_changes(city):
    before = city[1].execute(LOG).fetchone()
    figures = answer(city[1], city[0].city, "city", *SEPTEMBER, by="post")

    done(city, SHORT)

    assert city[1].execute(LOG).fetchone() == before
    assert answer(city[1], city[0].city, "city", *SEPTEMBER, by="post") == figures


def test_both_versions_are_kept_with_the_answer(city):
    one = done(city, {"name": "v2", **SHORT})

    shown = one.shown()

    assert (shown["status"], shown["name"], shown["progress"]) == ("done", "v2", shown["total"])
    assert shown["promised_policy"]["policy_version"] == city[0].city.policy.version
    assert shown["other_policy"]["given"]["sla_classes"] == SHORT["sla_classes"]
    assert len(shown["other_policy"]["digest"]) == 64


def test_another_routing_table_names_who_would_have_led(city):
    given = {"categories": [{"code": "C0103", "lead_unit": "U02", "sla": "X5"}]}

    found = done(city, given).figures

    own = city[0].city.category("C0103").lead_unit
    assert list(found["rerouted"]) == [f"{own} → U02"]


def test_a_city_pack_is_taken_whole_and_the_same_pack_changes_nothing_live(city_database):
    """Every due of lives lived under the policy comes out of the replay as it was promised."""
    settings = Settings(database_url=city_database, secret_key=SECRET)
    with Tracker(settings) as tracker:
        live(tracker, whistles=60, days=60, seed=4, until=NOW, progress=lambda n: None)
        other, own = alternative(tracker.city, PACK), own_routes(tracker.city)
        with tracker.connection() as connection:
            rows = connection.execute(WHISTLES).fetchall()
        seen = 0
        for (whistle,) in rows:
            one = replay(list(tracker.events.get(whistle)), other, own)
            assert one is not None
            for cohort in (Cohort.RESPONSE, Cohort.RESOLUTION):
                if cohort in one.promised:
                    seen += 1
                    assert one.other[cohort] == one.promised[cohort], one.life.number

    assert seen >= 100


def test_a_what_if_that_a_worker_left_is_begun_anew_by_the_next(city):
    one = asked(city, SHORT)
    turns = iter([True, True])

    first = work(city[1], only=one.id, go_on=lambda: next(turns, False))
    left = find(city[1], one.id)
    second = work(city[1])

    assert (first, left.status) == ([], "running")
    assert one.id in second
    assert find(city[1], one.id).status == "done"


def test_the_schedulers_leader_works_at_what_waits(city):
    tracker, connection = city
    one = asked(city, LONG)
    scheduler = Scheduler(tracker)

    scheduler.work_at_what_ifs()
    waiting = find(connection, one.id)
    scheduler._leading.set()
    scheduler.work_at_what_ifs()

    assert (waiting.status, find(connection, one.id).status) == ("waiting", "done")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"sla_classes": [{"code": "G4", "resolve": {"value": 0, "unit": "working_days"}}]},
        {"sla_classes": [{"resolve": 3}]},
        {"sla_classes": 7},
        {"calendar": {}},
        {"categories": [{"code": "C0103", "sla": "Z9"}]},
        {"classes": []},
    ],
)
def test_what_is_no_policy_is_refused_by_its_field(city, given):
    with pytest.raises(PolicyUnreadable) as refusal:
        asked(city, given)

    assert refusal.value.field == "policy"


def test_units_are_not_replayed_and_an_unknown_id_is_said_to_be_so(city):
    with pytest.raises(NoUnitView):
        asked(city, SHORT, scope="unit:U01")
    with pytest.raises(UnknownWhatIf):
        find(city[1], city[0].id_of("W-000000-000000"))
