"""Rights in the words of people: roles, scopes, and the rows of the access table."""

from collections.abc import Iterable, Mapping

from tracker.commands.whistle.commands import WHISTLE_COMMANDS
from tracker.contexts.registry import CONTEXTS
from tracker.domain.actors import Role
from tracker.domain.errors import Named, Words
from tracker.domain.rights import Row, Scope

ROLE_WORDS: Mapping[Role, Words] = {
    Role.ANONYMOUS: Words("匿名人", "anonymous"),
    Role.RESIDENT: Words("居民", "resident"),
    Role.GRID_WORKER: Words("网格员", "grid worker"),
    Role.GRID_CHIEF: Words("网格长", "grid chief"),
    Role.INTAKE: Words("受理员", "intake"),
    Role.COMMANDER: Words("指挥长", "commander"),
    Role.DEPUTY_COMMANDER: Words("副指挥长", "deputy commander"),
    Role.CADRE: Words("下沉干部", "cadre"),
    Role.DISPATCHER: Words("派遣员", "dispatcher"),
    Role.UNIT_LIAISON: Words("单位联络员", "unit liaison"),
    Role.HANDLER: Words("承办人", "handler"),
    Role.ADJUDICATOR: Words("仲裁员", "adjudicator"),
    Role.VERIFIER: Words("核查员", "verifier"),
    Role.FOLLOW_UP_AGENT: Words("回访员", "follow-up agent"),
    Role.SUPERVISOR: Words("督查", "supervisor"),
    Role.CITY_CENTRE: Words("市指挥中心", "city centre"),
    Role.LEADER: Words("领导", "leader"),
    Role.AUDITOR: Words("审计", "auditor"),
    Role.ADMIN: Words("管理员", "administrator"),
    Role.SYSTEM: Words("系统", "the system"),
}
SCOPE_WORDS: Mapping[Scope, Words] = {
    Scope.GRID: Words("本网格", "own grid"),
    Scope.SITE: Words("本网格需上门回访的", "own grid, to be looked at on site"),
    Scope.POST: Words("本指挥部", "own post"),
    Scope.RECEIVING: Words("将接收它的指挥部", "the post that would receive it"),
    Scope.STREET: Words("本街道", "own street"),
    Scope.LEAD: Words("主责单位", "the leading unit"),
    Scope.UNIT: Words("承办单位", "an assigned unit"),
    Scope.PAST: Words("承办过的单位", "a unit that had a part in it"),
    Scope.POOL: Words("可认领的单位", "a unit that may claim"),
    Scope.OPEN: Words("待认领", "in the pool"),
    Scope.REPORT: Words("本人上报", "own report"),
    Scope.RAISED: Words("首报人", "the first to report it"),
    Scope.CITY: Words("全市", "everywhere"),
}
RIGHT_WORDS: Mapping[str, Words] = {
    **{command.right or command.name: command.label for command in WHISTLE_COMMANDS},
    **{right: context.title for context in CONTEXTS for right in context.reading},
    **{
        command.right or command.name: command.label
        for context in CONTEXTS
        for command in context.commands
    },
    "raise-for-others": Words("替人吹哨", "Raise for others"),
    "know-confidential": Words("查看保密件的内容", "Read the words of a confidential one"),
    "hear": Words("查看原话和联系方式", "Read words and contact unmasked"),
    "note-absence": Words("登记离岗", "Note an absence"),
}


def right_named(right: str) -> Named:
    return Named(right, RIGHT_WORDS.get(right, Words(right, right)))


def role_named(role: Role) -> Named:
    return Named(role.value, ROLE_WORDS[role])


def row_named(row: Row) -> Named:
    """A row of the table, e.g. `网格员(本网格); …`."""
    said = Words("; ".join(cell.zh for cell in _cells(row)), "; ".join(c.en for c in _cells(row)))
    return Named(said.zh, said)


def scopes_named(scopes: Iterable[Scope]) -> Named:
    words = [SCOPE_WORDS[scope] for scope in scopes]
    said = Words("、".join(one.zh for one in words), ", ".join(one.en for one in words))
    return Named(said.zh, said)


def _cells(row: Row) -> Iterable[Words]:
    for scope, roles in row:
        names, where = [ROLE_WORDS[role] for role in sorted(roles)], SCOPE_WORDS[scope]
        zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
        yield Words(f"{zh}({where.zh})", f"{en} ({where.en})")
