"""The rows ask and answer."""

from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case
from tests.api.transitions.stage import LONG, WATER, Story, Told

WHY, HERE_IT_IS = {"text": "几点方便进门？"}, {"text": "下午三点以后"}


def asked(story: Story, **told: str) -> Story:
    story.at_work(**told)
    return story.does(story.lead, "ask", **WHY)


def answered(story: Story) -> Story:
    return asked(story).does("reporter", "answer", **HERE_IT_IS)


SITUATIONS: dict[str, Told] = {
    "the reporter is asked": asked,
    "the reporter has answered": answered,
    "the reporter is asked, U2": partial(asked, category=WATER, lead="U25"),
    "at work, a supply is cut": partial(Story.at_work, category=WATER, lead="U25"),
    "at work, with a co-handler": partial(Story.at_work, co=("X05",)),
}

ASK = (
    Case("the lead, at work", "ask", law.IN_PROGRESS, "handler-u02", WHY,
         clocks=("resolve held", "answer runs 2 working_days"), guard="the first pauses"),
    Case("the lead, before work", "ask", law.RESPONDED, "liaison-u02", WHY,
         clocks=("resolve held", "answer runs 2 working_days"), guard="the lead"),
    Case("a second question", "ask", "the reporter has answered", "handler-u02", WHY,
         guard="the first pauses"),
    Case("a class that may not be paused", "ask", "at work, a supply is cut", "handler-u25", WHY,
         guard="pausable class"),
    Case("while one is open", "ask", "the reporter is asked", "handler-u02", WHY, 409,
         code="whistle.question_open", guard="one open question"),
    Case("a co-handler", "ask", "at work, with a co-handler", "handler-x05", WHY, 403,
         code="access.not_allowed", guard="the lead"),
    Case("without a word", "ask", law.IN_PROGRESS, "handler-u02", {"text": " "}, 422,
         code="form.invalid", field="text"),
)  # fmt: skip

ANSWER = (
    Case("the reporter", "answer", "the reporter is asked", "reporter", HERE_IT_IS,
         clocks=("resolve goes on", "answer stops"), guard="the reporter"),
    Case("where nothing was paused", "answer", "the reporter is asked, U2", "reporter", HERE_IT_IS),
    Case("after two working days", "answer", "the reporter is asked", "reporter", HERE_IT_IS,
         ago=LONG, guard="at most two working days"),
    Case("nothing was asked", "answer", law.IN_PROGRESS, "reporter", HERE_IT_IS, 409,
         code="whistle.no_question", guard="one open question"),
)  # fmt: skip

CASES = (*ASK, *ANSWER)
