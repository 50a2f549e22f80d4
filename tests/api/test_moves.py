"""A correction that would move a whistle waits on the page of the post that would receive it."""

from tests.api.test_forms import signed_in
from tests.api.web import IN_CP02, LAMP, Web
from tests.waiting import until_folded

TO_CP09 = {"field": "grid", "value": "53250300200101", "reason": "在那一边"}


def test_the_receiving_post_has_it_in_its_list_until_it_consents(web: Web) -> None:
    city, asks = web.someone("city"), web.someone("dispatcher-cp02")
    number = web.nobody.raises("路灯不亮", location=IN_CP02)["number"]
    city.give(number, "classify", {"category": LAMP})
    city.give(number, "dispatch", {"lead": "U01"})
    asked = asks.give(number, "correct", TO_CP09)
    assert asked.status_code == 202, asked.text
    with web.tracker.connection() as connection:
        until_folded(connection, asked.json()["position"], "timeline")
    receiving = signed_in(web, "dispatcher-cp09")

    side = receiving.get("/post/CP09").text
    listed = receiving.get("/post/CP09/moves").text

    assert 'href="/post/CP09/moves">待本部同意的移入<span>1</span>' in side
    assert number in listed and f'href="/w/{number}"' in listed
    assert number not in signed_in(web, "dispatcher-cp02").get("/post/CP02/moves").text
    elsewhere = signed_in(web, "dispatcher-cp01").get("/post/CP09/moves")
    assert elsewhere.status_code == 403

    done = web.someone("dispatcher-cp09").give(number, "correct", TO_CP09)
    assert (done.status_code, done.json()["post"]) == (200, "CP09"), done.text
    assert number not in receiving.get("/post/CP09/moves").text
