"""Refusals of the door: who is asking, how often, in what form.

Each names its HTTP status. Refusals of the domain have none and are mapped by their kind.
"""

from typing import ClassVar

from tracker.domain.errors import Forbidden, Refusal, Words


class AtTheDoor(Refusal):
    """Refused before any command runs, with HTTP status `status`."""

    status: ClassVar[int] = 400


class NotSignedIn(AtTheDoor):
    status = 401
    code = "session.required"
    message = Words(zh="请先登录", en="Sign in first")
    remedy = Words(
        zh="用帐号登录,或带上 Authorization: Bearer 令牌",
        en="Sign in, or send Authorization: Bearer with a token",
    )


class SessionOver(NotSignedIn):
    code = "session.over"
    message = Words(zh="登录已失效", en="This session is over")
    remedy = Words(zh="请重新登录", en="Sign in again")


class WrongCredentials(AtTheDoor):
    """Same words for a wrong password and for an account that does not exist."""

    status = 401
    code = "session.wrong_credentials"
    message = Words(zh="帐号或密码不对", en="Wrong account or password")
    remedy = Words(zh="核对后再试", en="Check both and try again")


class TooManyAttempts(AtTheDoor):
    status = 429
    code = "session.too_many_attempts"
    message = Words(zh="失败次数太多,请稍后再试", en="Too many failed attempts")
    remedy = Words(zh="{seconds} 秒后再试", en="Try again in {seconds} seconds")


class UnknownReceipt(AtTheDoor):
    """Same words and same duration for a wrong code, an ill-formed code and a missing code."""

    status = 401
    code = "receipt.unknown"
    message = Words(zh="查无此码", en="No whistle has this code")
    remedy = Words(zh="请核对回执上的 16 位查询码", en="Check the 16 characters on the receipt")


class ForeignOrigin(AtTheDoor):
    status = 403
    code = "session.foreign_origin"
    message = Words(zh="请求来自别的网站,已拒绝", en="The request came from another site")
    remedy = Words(zh="请在本站页面上操作", en="Act on the pages of this site")


class DatabaseAway(AtTheDoor):
    """The command may or may not have been done; repeating it with its Idempotency-Key, or a
    page's form as it is, is safe."""

    status = 503
    code = "database.away"
    message = Words(zh="暂时不可用:数据库没有应答", en="Not ready: the database does not answer")
    remedy = Words(
        zh="{seconds} 秒后原样再发,不会重复办理",
        en="Send it again as it is in {seconds} seconds; it is done once",
    )


class ClockWrong(AtTheDoor):
    """This server's clock and the database's differ by `offset` seconds: no time is to be trusted.

    Nothing was done; reading goes on.
    """

    status = 503
    code = "clock.wrong"
    message = Words(
        zh="暂时不能办理:这台服务器的时钟与数据库相差 {offset} 秒",
        en="Nothing can be recorded now: this server's clock and the database's differ by "
        "{offset} s",
    )
    remedy = Words(
        zh="没有提交;请稍后再发。管理员请校准服务器时钟(NTP),相差多少见 /readyz",
        en="Nothing was sent; try again later. For the operator: set the server's clock (NTP); "
        "/readyz shows the difference",
    )


class BodyTooLarge(AtTheDoor):
    status = 413
    code = "body.too_large"
    message = Words(zh="内容超过 {limit} 字节", en="The body is larger than {limit} bytes")
    remedy = Words(zh="缩小后再发", en="Send something smaller")


class BodyType(AtTheDoor):
    status = 415
    code = "body.type"
    message = Words(zh="不支持这种内容类型", en="This content type is not taken")
    remedy = Words(zh="请用 {wanted}", en="Send {wanted}")


class BodyUnreadable(AtTheDoor):
    status = 422
    code = "body.unreadable"
    message = Words(zh="内容不是有效的 JSON:{why}", en="The body is not valid JSON: {why}")
    remedy = Words(zh="请发送 UTF-8 的 JSON", en="Send JSON in UTF-8")


class KeyTwice(AtTheDoor):
    """An object of the body has the same key twice."""

    status = 422
    code = "body.key_twice"
    message = Words(zh="“{key}”写了两次", en="“{key}” is given twice")
    remedy = Words(zh="每一项只写一次", en="Give each field once")


class BadCharacters(AtTheDoor):
    """NUL and lone surrogates can neither be stored nor shown."""

    status = 422
    code = "text.bad_characters"
    message = Words(zh="含有不能保存的字符", en="It holds characters that cannot be stored")
    remedy = Words(zh="去掉空字符和残缺字符", en="Leave out NUL and broken characters")


class BadPrecondition(AtTheDoor):
    status = 422
    code = "if_match.unreadable"
    message = Words(zh="If-Match 不是版本号", en="If-Match is not a version")
    remedy = Words(zh="原样带回 ETag", en="Send back the ETag as it was")


class BadKey(AtTheDoor):
    status = 422
    code = "idempotency.bad_key"
    message = Words(
        zh="Idempotency-Key 须为 1–200 个可见字符",
        en="Idempotency-Key must have 1 to 200 visible characters",
    )
    remedy = Words(zh="每次操作用一个新的 UUID", en="Use a new UUID for each act")


class NotAllowed(Forbidden):
    """The access table forbids it; `who` is the table's row in words."""

    code = "access.not_allowed"
    message = Words(
        zh="您的岗位({role})不能办“{command}”",
        en="“{command}” is not open to your role ({role})",
    )
    remedy = Words(zh="可以办理的有:{who}", en="Those who may: {who}")


class NotHere(NotAllowed):
    """The role may do it, but not at this place; `where` are the scopes in which it may.

    Said also where there is no such whistle, so that nobody learns which numbers exist.
    """

    message = Words(
        zh="您的岗位({role})可以办“{command}”,但这一件不在您的范围({where})",
        en="“{command}” is open to your role ({role}), but this one is out of reach: {where} only",
    )
    remedy = Words(zh="请核对编号;可以办理的有:{who}", en="Check the number; those who may: {who}")


class NotYours(Forbidden):
    """Same words for a confidential whistle, for one of another place and where there is none."""

    code = "access.not_yours"
    message = Words(
        zh="没有这件哨，或不归您看", en="There is no such whistle, or it is not yours to read"
    )
    remedy = Words(
        zh="请核对编号；编号无误的，请联系所属一线指挥部或市指挥中心",
        en="Check the number; if it is right, ask its command post or the city centre",
    )


class NotYourFigures(Forbidden):
    code = "access.not_your_figures"
    message = Words(
        zh="您的岗位({role})不能查看统计数字", en="The role {role} may not read the figures"
    )
    remedy = Words(zh="可以查看的有:{who}", en="Those who may: {who}")
