"""Which files run, and in which order, during three common tasks.

    .venv/bin/python scripts/walks.py [--brief | --markdown] [--json FILE] [--write PAGE]

A whistle is raised (by the page's form, and by JSON) until it stands on its post's board; a leader
goes from the dashboard of a month, as of a past day, to the events behind a rate; an administrator
changes an SLA class. How it is counted: `walk_figures.py`. Each walk is counted as a whole, and
each of its steps separately.

Code that runs at import does not count, nor what is computed once and cached: every walk is done
once before it is measured. Frameworks do not count, nor background threads, whose timing is random.

`--write` puts the table into a page, between its marks `walks:begin` and `walks:end`, and below it
the walks that are short enough to read. The figures in the page's "before" columns stay.
"""

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import click
import psycopg
from click.testing import CliRunner
from fastapi.testclient import TestClient
from httpx import Response
from walk_figures import Walk, forget_while, listing, numbered, start_noticing, table

# The only imports of the product: everything else goes through HTTP.
from api.app import create_app
from tracker.cli import cli
from tracker.eventstore.embedded import EmbeddedServer
from tracker.operating.projecting import ALL
from tracker.projections.engine.folding import Engine

CITY_IS_OLD = 1.2  # seconds after which a process checks whether its city has changed
PATIENCE = 30.0  # seconds to wait until new events can be folded
PASSWORD = "one password for all"
POINTS = {"CP02": (23.375717, 103.378665), "CP09": (23.405781, 103.369254)}
MONTH = {"from": "2026-09-01", "to": "2026-10-01", "as_of": "2026-10-15T00:00"}
OF_THAT_MONTH = {
    "id": "2026-1", "registered_at": "2026-09-02T09:00", "sla_class": "G4", "post": "CP01",
    "category": "C0103", "text": "路灯不亮", "lead_unit": "U01",
    "responded_at": "2026-09-02T10:00", "first_submitted_at": "2026-09-09T16:00",
    "resolved_at": "2026-09-09T16:00", "closed_at": "2026-09-10T10:00",
    "first_followup": {"at": "2026-09-10T10:00", "resolved": True, "rating": 4, "method": "phone"},
}  # fmt: skip
READABLE = 60  # visits to files; nobody reads a longer list
MARKED = re.compile(r"(?<=<!-- walks:begin -->\n).*(?=<!-- walks:end -->)", re.DOTALL)

Step = Callable[[str], AbstractContextManager[None]]


class City:
    """The running application, the people who use it, and the projector beside it."""

    def __init__(self, stack: ExitStack, dsn: str) -> None:
        self.app = create_app()
        self.stranger = stack.enter_context(TestClient(self.app))
        self.connection = stack.enter_context(psycopg.connect(dsn, autocommit=True))
        self.projector = Engine(ALL, self.app.state.tracker.mapper)
        self.projector.start(self.connection)
        while self.projector.turn(self.connection):
            pass

    def someone(self, username: str) -> TestClient:
        browser = TestClient(self.app)
        typed = inputs(browser.get("/login")) | {"username": username, "password": PASSWORD}
        expect(303, browser.post("/login", data=typed, follow_redirects=False))
        return browser

    def fold(self) -> None:
        """One turn of the projector. A turn that found no readable event is not counted."""
        give_up = time.monotonic() + PATIENCE
        while forget_while(False, lambda: self.projector.turn(self.connection)):
            if time.monotonic() > give_up:
                raise SystemExit("Nothing came that could be folded.")


def expect(status: int, answer: Response) -> Response:
    """Stop if a request is refused: the walk would be another one."""
    if answer.status_code != status:
        raise SystemExit(f"{answer.request.url} answered {answer.status_code}.")
    return answer


def inputs(page: Response) -> dict[str, str]:
    """The values of all inputs in a page's forms, hidden ones included."""
    tags = re.findall(r"<input[^>]*>", page.text)
    named = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in tags]
    typed = [one for one in named if one.get("type") not in ("radio", "checkbox", "file")]
    return {one["name"]: unescape(one.get("value", "")) for one in typed if "name" in one}


def link(page: Response, to: str) -> str:
    found = re.search(f'href="({re.escape(to)}[^"]*)"', page.text)
    if found is None:
        raise SystemExit(f"{page.request.url} leads nowhere under {to}.")
    return unescape(found[1])


# --- the walks: each is done twice, the first time unmeasured and at another post ---


def by_form(city: City, step: Step, post: str) -> None:
    lat, lon = POINTS[post]
    said = {"text": "路灯不亮", "lat": str(lat), "lon": str(lon)}
    typed = inputs(city.stranger.get("/")) | said
    with step("raise"):
        answer = expect(303, city.stranger.post("/", data=typed, follow_redirects=False))
    number = answer.cookies["receipt"].strip('"').partition("~")[2]
    until_on_the_board(city, step, post, number)


def by_json(city: City, step: Step, post: str) -> None:
    lat, lon = POINTS[post]
    said, key = {"text": "路灯不亮", "location": {"lat": lat, "lon": lon}}, uuid4().hex
    with step("raise"):
        answer = city.stranger.post("/api/v1/whistles", json=said, headers={"Idempotency-Key": key})
    until_on_the_board(city, step, post, expect(201, answer).json()["number"])


def until_on_the_board(city: City, step: Step, post: str, number: str) -> None:
    desk = city.someone(f"dispatcher-{post.lower()}")
    with step("fold"):
        city.fold()
    with step("board"):
        page = expect(200, desk.get(f"/post/{post}"))
    if f'id="{number}"' not in page.text:
        raise SystemExit(f"{number} does not stand on the board of {post}.")


def to_the_event(city: City, step: Step, _: str) -> None:
    leader = city.someone("leader")
    with step("dashboard"):
        page = expect(200, leader.get("/leader", params=MONTH))
    with step("list"):
        listed = expect(200, leader.get(link(page, "/leader/list?")))
    with step("whistle"):
        expect(200, leader.get(link(listed, "/w/I-2026-1")))


def new_limit(city: City, step: Step, _: str) -> None:
    admin, address = city.someone("admin"), "/admin/change/policy"
    with step("form"):
        form = expect(200, admin.get(address))
    typed = inputs(form)
    typed["G4-respond"] = str(int(typed["G4-respond"]) + 1)
    with step("preview"):
        shown = expect(200, admin.post(address, data=typed | {"step": "preview"}))
    with step("confirm"):
        sent = inputs(shown) | {"step": "confirm"}
        expect(303, admin.post(address, data=sent, follow_redirects=False))


WALKS = {
    "Raised by the page's form": by_form,
    "Raised by JSON": by_json,
    "From the dashboard to an event": to_the_event,
    "An SLA class is changed": new_limit,
}


def measured() -> list[Walk]:
    """The walks, done in a temporary city."""
    logging.basicConfig(level=logging.ERROR)
    start_noticing()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="shaodao-walks-")))
        server = EmbeddedServer(folder, settings=("fsync=off",))
        stack.callback(server.stop)
        os.environ |= {"DATABASE_URL": server.start(), "TRACKER_VAR": str(folder / "var")}
        os.environ |= {"TRACKER_SECRET_KEY": "walks", "TRACKER_DEMO_PASSWORD": PASSWORD}
        facts = folder / "facts.jsonl"
        facts.write_text(json.dumps(OF_THAT_MONTH))
        for command in (["migrate"], ["load-city", "--demo-accounts"], ["import", str(facts)]):
            CliRunner().invoke(cli, command, catch_exceptions=False)
        city = City(stack, server.dsn)
        return [walked(city, name, walk) for name, walk in WALKS.items()]


def walked(city: City, name: str, walk: Callable[[City, Step, str], None]) -> Walk:
    found = Walk(name)

    @contextmanager
    def step(part: str) -> Iterator[None]:
        time.sleep(CITY_IS_OLD)  # so that every step reads the city again, not just some by chance
        with found.step(part):
            yield

    walk(city, lambda _: nullcontext(), "CP09")
    walk(city, step, "CP02")
    return found


def write(page: Path, walks: Sequence[Walk]) -> None:
    text = page.read_text()
    marked = MARKED.search(text)
    if marked is None:
        raise SystemExit(f"{page} has no marks walks:begin and walks:end.")
    before = dict(re.findall(r"^\| (.+?) \| ((?:\d+ \| ){3}\d+) \|", marked[0], re.MULTILINE))
    short = [walk for walk in walks if len(walk.visits()) <= READABLE]
    tables = "\n".join([table(walks, before), *(numbered(walk) for walk in short)])
    page.write_text(text[: marked.start()] + tables + text[marked.end() :])


@click.command(help=__doc__.partition("\n")[0])
@click.option("--brief", is_flag=True, help="Print the table alone.")
@click.option("--markdown", is_flag=True, help="Print the walks as numbered lists.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write all of it there.")
@click.option("--write", "page", type=click.Path(path_type=Path), help="Bring a page up to date.")
def main(brief: bool, markdown: bool, file: Path | None, page: Path | None) -> None:
    walks = measured()
    if file:
        whole = [walk.as_json() for walk in walks]
        file.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")
    if page:
        write(page, walks)
    if not brief:
        click.echo("\n".join((numbered if markdown else listing)(walk) for walk in walks))
    click.echo(table(walks), nl=False)


if __name__ == "__main__":
    main()
