"""Why a question or its answer is refused."""

from tracker.domain.errors import Conflict, Forbidden, Invalid, Words


class QuestionOpen(Conflict):
    code = "whistle.question_open"
    message = Words(
        zh="上一个问题吹哨人还没回答",
        en="The reporter has not answered the last question yet",
    )
    remedy = Words(
        zh="等他回答后再问",
        en="Ask again after the answer",
    )


class NobodyToAsk(Conflict):
    code = "whistle.nobody_to_ask"
    message = Words(
        zh="{number} 没有吹哨人可问",
        en="{number} has no reporter to ask",
    )
    remedy = Words(
        zh="请到现场查看",
        en="Go and look",
    )


class NoQuestion(Conflict):
    code = "whistle.no_question"
    message = Words(
        zh="{number} 没有待回答的问题",
        en="No question of {number} waits for an answer",
    )
    remedy = Words(
        zh="有话要说，请用“补充”",
        en="Use “amend” to add something",
    )


class NotAsked(Forbidden):
    code = "whistle.not_asked"
    message = Words(
        zh="问的是吹哨人",
        en="The reporter was asked",
    )
    remedy = Words(
        zh="请吹哨人回答",
        en="Let the reporter answer",
    )


class WordsMissing(Invalid):
    code = "whistle.words_missing"
    message = Words(
        zh="还没有写内容",
        en="Nothing is written",
    )
    remedy = Words(
        zh="写一句话再提交",
        en="Write a sentence and submit again",
    )
    field = "text"
