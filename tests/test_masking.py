"""What identifies a person is covered in what others read; what only looks like it stays."""

import pytest

from tracker.words.masking import masked, masked_contact, masked_phone


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("打13800138000找我", "打***********找我"),
        ("138 0013 8000", "*** **** ****"),
        ("138-0013-8000", "*************"),
        ("+86 138 0013 8000", "*** *** **** ****"),
        ("１３８００１３８０００", "***********"),
        ("一三八零零一三八零零零", "***********"),
        ("幺三八〇〇幺三八〇〇〇", "***********"),
        ("Tel13800138000call", "Tel***********call"),
        ("13800138000 13900139000", "*********** ***********"),
        ("0873-3722222", "************"),
        ("身份证53250319000303003X", "身份证******************"),
        ("卡号6222000000000000000", "卡号*******************"),
        ("车牌云G·X0000违停", "车牌********违停"),
        ("云G12345", "*******"),
        ("微信号abc_def123", "微信号**********"),
        ("wx_demo_001", "***********"),
        ("5栋2单元301", "********"),
        ("三单元五楼602室", "*********"),
        ("住1204室", "住*****"),
    ],
)
def test_what_identifies_a_person_is_covered(said: str, shown: str) -> None:
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "电表号12345678901234567890",
        "电表 1380 0138 0001 3800 0138",
        "2026-11-23 22:40",
        "三户人家没水",
        "井盖φ700,深1.5米",
        "12345热线打了3次",
        "K1路公交晚点20分钟",
        "共138件,涉及8000元",
        "😀😀😀",
        "",
    ],
)
def test_what_only_looks_like_it_stays(said: str) -> None:
    assert masked(said) == said


def test_the_length_of_a_text_tells_where_something_was_covered() -> None:
    said = "请打１３８ ００１３ ８０００,石榴园5栋2单元301 谢谢👨‍👩‍👧"

    assert len(masked(said)) == len(said)


def test_a_contact_shows_only_what_tells_two_people_apart() -> None:
    assert masked_contact({"name": "张三丰", "phone": "13800138000"}) == {
        "name": "张**",
        "phone": "*********00",
    }
    assert masked_contact({"phone": None}) == {"name": None, "phone": None}
    assert masked_phone("110") == "***"
