"""Sign in and out; choose language and light or dark, as cookies, without a script."""

from fastapi import Request, Response
from pydantic import ValidationError

from api.door.callers import ANYBODY, COOKIE, Anyone, TheTracker
from api.door.refusals import WrongCredentials
from api.pages.frame.look import THEMES, go, inside, keep, show, speech_of
from api.pages.frame.route import Checked, Notice, TheForm, check_token, pages
from api.pages.frame.speech import TAGS
from api.pages.frame.visitor import head, home_of
from api.service import signing_in
from api.service.signing_in import Attempts, Login
from tracker.city import credentials
from tracker.commands.tracker import Tracker
from tracker.domain.errors import Refusal

router = pages()


@router.get("/login")
def login_form(request: Request, tracker: TheTracker, caller: Anyone, next: str = "") -> Response:
    if caller is not ANYBODY:
        return go(inside(next, home_of(caller)) if next else home_of(caller))
    return form_page(request, tracker, next)


def form_page(
    request: Request,
    tracker: Tracker,
    next: str,
    username: str = "",
    said: Notice | None = None,
) -> Response:
    return show(
        request,
        "login.html",
        401 if said else 200,
        **head(request, tracker.city, ANYBODY),
        refusal=said,
        next=inside(next, ""),
        username=username,
    )


@router.post("/login")
def login(request: Request, tracker: TheTracker, form: TheForm, attempts: Attempts) -> Response:
    username, next = form.text("username"), form.text("next")
    try:
        check_token(request, form)
        typed = Login.model_validate({"username": username, "password": form.raw("password")})
        account = signing_in.login(tracker, typed, signing_in.address_of(request), attempts)
    except ValidationError:
        said = Notice.refused(WrongCredentials(), speech_of(request).language)
        return form_page(request, tracker, next, username, said)
    except Refusal as refusal:
        said = Notice.refused(refusal, speech_of(request).language)
        return form_page(request, tracker, next, username, said)
    answer = go(inside(next, "/login") if next else "/login")
    token = signing_in.open_for(tracker, account, typed, None)
    signing_in.set_cookie(request, answer, token)
    return answer


@router.post("/logout")
def logout(request: Request, tracker: TheTracker, form: Checked) -> Response:
    token = request.cookies.get(COOKIE)
    if token and token.isascii():
        with tracker.connection() as connection:
            credentials.close_session(connection, token)
    answer = go("/login")
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer


@router.post("/look")
def look(request: Request, form: Checked) -> Response:
    """Store language or light in a cookie, and go back to the page."""
    answer = go(form.text("back"))
    if form.text("lang") in TAGS.values():
        keep(request, answer, "lang", form.text("lang"))
    if form.text("theme") in THEMES:
        keep(request, answer, "theme", form.text("theme"))
    return answer
