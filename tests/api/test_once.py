"""Idempotency keys and versions: a request sent again does nothing again."""

from concurrent.futures import ThreadPoolExecutor

from psycopg import connect

from tests.api.web import LAMP, LITTER, V1, Web, jpeg

KEY = {"Idempotency-Key": "3f0c8e1e-6f1a-4a57-9d39-0d5e2b9b1f55"}


def test_a_phone_without_signal_for_two_days_raises_one_whistle(web: Web, module_city: str) -> None:
    body = {"text": "河边有人倒垃圾", "occurred_at": "2026-01-02T08:00:00+08:00"}
    first = web.nobody.post("/whistles", body, headers=KEY)
    with connect(module_city, autocommit=True) as connection:
        connection.execute("UPDATE idempotency SET created_at = created_at - interval '2 days'")

    again = [web.nobody.post("/whistles", body, headers=KEY) for _ in range(2)]

    assert first.status_code == 201
    assert [answer.json() for answer in again] == [first.json()] * 2
    assert [answer.status_code for answer in again] == [201, 201]
    with connect(module_city) as connection:
        raised = connection.execute(
            "SELECT count(*) FROM stored_events WHERE topic = 'whistle.raised'"
            " AND convert_from(state, 'UTF8')::jsonb->>'number' = %s",
            [first.json()["number"]],
        ).fetchone()
    assert raised == (1,)


def test_the_receipt_is_the_same_and_nowhere_kept(web: Web, module_city: str) -> None:
    key = {"Idempotency-Key": "receipt-again"}
    first = web.nobody.post("/whistles", {"text": "井盖"}, headers=key).json()["receipt"]
    again = web.nobody.post("/whistles", {"text": "井盖"}, headers=key).json()["receipt"]

    assert first == again
    with connect(module_city) as connection:
        kept = connection.execute("SELECT idempotency::text FROM idempotency").fetchall()
        events = connection.execute("SELECT log.state::text FROM log").fetchall()
    bare = first.replace("-", "")
    assert all(first not in row and bare not in row for (row,) in [*kept, *events])


def test_spaces_and_order_of_fields_are_no_difference(web: Web) -> None:
    key = {"Idempotency-Key": "spaces", "Content-Type": "application/json"}

    def send(body: str) -> str:
        answer = web.client.post(f"{V1}/whistles", content=body.encode(), headers=key)
        return str(answer.json()["number"])

    assert send('{"text":"a","title":"b"}') == send('{ "title": "b",  "text": "a" }')


def test_another_body_under_the_same_key_is_refused(web: Web) -> None:
    key = {"Idempotency-Key": "another-body"}
    web.nobody.post("/whistles", {"text": "one"}, headers=key)

    answer = web.nobody.post("/whistles", {"text": "two"}, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.key_reused")


def test_a_command_sent_again_is_answered_as_it_was_though_time_went_on(web: Web) -> None:
    city, key = web.someone("city"), {"Idempotency-Key": "classify-again"}
    number = web.nobody.raises()["number"]
    first = city.give(number, "classify", {"category": LAMP}, headers=key)
    city.give(number, "dispatch", {"lead": "U01"})

    again = city.give(number, "classify", {"category": LAMP}, headers=key)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_proposal_sent_again_is_still_a_proposal(web: Web) -> None:
    supervisor, key = web.someone("supervisor"), {"Idempotency-Key": "exclude-again"}
    number = web.nobody.raises()["number"]
    first = supervisor.give(number, "exclude", {"reason": "force_majeure"}, headers=key)

    again = supervisor.give(number, "exclude", {"reason": "force_majeure"}, headers=key)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()


def test_the_same_photo_under_its_key_is_kept_once(web: Web) -> None:
    key = {"Idempotency-Key": "photo-again"}

    first, again = (web.nobody.upload(jpeg(), headers=key).json() for _ in range(2))
    other = web.nobody.upload(jpeg(50, 50), headers=key)

    assert first == again
    assert other.status_code == 422


def test_keys_of_two_accounts_never_meet(web: Web) -> None:
    key = {"Idempotency-Key": "shared-by-chance"}

    one = web.someone("intake-cp01").post("/whistles", {"text": "甲"}, headers=key)
    other = web.someone("intake-cp02").post("/whistles", {"text": "乙"}, headers=key)

    assert (one.status_code, other.status_code) == (201, 201)


def test_a_key_that_is_none_is_refused(web: Web) -> None:
    for key in ("", "x" * 201):
        answer = web.nobody.post("/whistles", {"text": "a"}, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.bad_key")


def test_who_read_an_older_version_is_told_of_the_newer(web: Web) -> None:
    city = web.someone("city")
    number = web.nobody.raises()["number"]
    seen = city.get(f"/whistles/{number}").headers["ETag"]
    city.give(number, "urge", {"note": "快"})

    answer = city.give(number, "classify", {"category": LAMP}, headers={"If-Match": seen})

    assert (answer.status_code, answer.json()["code"]) == (412, "whistle.version_moved")


def test_who_read_the_newest_version_is_let_through(web: Web) -> None:
    city = web.someone("city")
    number = web.nobody.raises()["number"]
    seen = city.get(f"/whistles/{number}").headers["ETag"]

    answer = city.give(number, "classify", {"category": LAMP}, headers={"If-Match": seen})

    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'


def test_a_precondition_that_is_no_version_is_refused(web: Web) -> None:
    number = web.nobody.raises()["number"]

    answer = web.someone("city").give(number, "urge", headers={"If-Match": '"abc"'})

    assert (answer.status_code, answer.json()["code"]) == (422, "if_match.unreadable")


def test_the_same_claim_sent_twice_at_once_is_answered_twice_alike(web: Web) -> None:
    city, liaison = web.someone("city"), web.someone("liaison-u01")
    for turn in range(5):
        number = web.nobody.raises("垃圾没人扫")["number"]
        city.give(number, "classify", {"category": LITTER})
        city.give(number, "pool")
        key = {"Idempotency-Key": f"claim-{turn}"}

        with ThreadPoolExecutor() as both:
            sent = [both.submit(liaison.give, number, "claim", headers=key) for _ in range(2)]
            answers = [one.result() for one in sent]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
