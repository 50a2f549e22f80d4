"""Sentences in both languages for what is wrong with a field of a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.domain.errors import Words

WORDS: Mapping[str, Words] = {
    "missing": Words("必填", "Required"),
    "extra_forbidden": Words("没有这一项", "There is no such field"),
    "unexpected_keyword_argument": Words("没有这一项", "There is no such field"),
    "string_type": Words("应为文字", "Must be text"),
    "string_too_short": Words("至少 {min_length} 个字", "At least {min_length} characters"),
    "string_too_long": Words("最多 {max_length} 个字", "At most {max_length} characters"),
    "too_long": Words("最多 {max_length} 项", "At most {max_length} items"),
    "too_short": Words("至少 {min_length} 项", "At least {min_length} items"),
    "string_pattern_mismatch": Words("格式不对", "Not in the expected form"),
    "literal_error": Words("应为 {expected} 之一", "Must be one of {expected}"),
    "enum": Words("应为 {expected} 之一", "Must be one of {expected}"),
    "bool_type": Words("应为 true 或 false", "Must be true or false"),
    "bool_parsing": Words("应为 true 或 false", "Must be true or false"),
    "int_type": Words("应为整数", "Must be a whole number"),
    "int_parsing": Words("应为整数", "Must be a whole number"),
    "int_parsing_size": Words("数字太大", "The number is too large"),
    "float_type": Words("应为数字", "Must be a number"),
    "float_parsing": Words("应为数字", "Must be a number"),
    "finite_number": Words("应为有限的数字", "Must be a finite number"),
    "greater_than_equal": Words("不能小于 {ge}", "At least {ge}"),
    "less_than_equal": Words("不能大于 {le}", "At most {le}"),
    "uuid_type": Words("应为 UUID", "Must be a UUID"),
    "uuid_parsing": Words("应为 UUID", "Must be a UUID"),
    "list_type": Words("应为列表", "Must be a list"),
    "dict_type": Words("应为对象", "Must be an object"),
    "dataclass_type": Words("应为对象", "Must be an object"),
    "model_type": Words("应为对象", "Must be an object"),
    "model_attributes_type": Words("应为对象", "Must be an object"),
    "json_invalid": Words("不是有效的 JSON", "Not valid JSON"),
}
UNKNOWN = Words("内容不能接受", "It cannot be taken")


def field_of(location: Sequence[Any]) -> str:
    """The path of a field without the request part: `body.location.lat` gives `location.lat`."""
    parts = [str(part) for part in location]
    if len(parts) > 1 and parts[0] in {"body", "query", "path", "header", "cookie"}:
        parts = parts[1:]
    return ".".join(parts)


def sentence(error: Mapping[str, Any], language: str) -> str:
    words = WORDS.get(error["type"])
    if words is not None:
        return words.say(language, dict(error.get("ctx") or {}))
    cause = (error.get("ctx") or {}).get("error")
    if isinstance(cause, ValueError) and cause.args and isinstance(cause.args[0], Words):
        return cause.args[0].say(language, {})
    return UNKNOWN.say(language, {}) if language == "zh" else str(error.get("msg", UNKNOWN.en))
