"""The list of sensitive words: what closes a whistle, and what does not (domain.md §4.4)."""

import pytest

from tracker.words.sensitive import sensitive_list, sensitive_theme

SENSITIVE = (
    "我丈夫打我",
    "邻居家暴，天天打老婆",
    "我丈夫打我，请帮帮我",
    "小孩被继父打得满身是伤",
    "老公打我…",
    "老公喝多了又打我",
    "我男朋友威胁要杀我",
    "有人跟踪我女儿",
    "楼上那家打孩子，哭声很大",
    "孩子在学校被同学欺负",
    "老师体罚学生",
    "有个男的在公交车上摸我",
    "我举报社区书记收红包",
    "村主任克扣低保金",
    "我不想活了",
    "儿子不给老妈饭吃还打老人",
    "前夫天天来堵门威胁我",
    "家 暴",
    "家·暴",
    "请替我保密，怕报复",
    "领导吃拿卡要",
    "有人在厕所偷拍女生",
    "我爸打我妈",
    "隔壁男的把老婆锁在屋里",
    "他说要弄死我全家",
    "我妹妹被人强奸了",
    "高利贷上门泼油漆",
    "有人贩毒",
    "她被婆家赶出来了",
    "家​暴",
    "隔壁男的把老婆锁在屋里",
    "被告知：ＨＩＶ 患者住这里",
)
ORDINARY = (
    "路灯不亮",
    "小区门口有人打牌到半夜，很吵",
    "打扫卫生的没来",
    "孩子在路边玩水危险，井盖没了",
    "老人打麻将噪音扰民",
    "蚊子多，咬小孩",
    "垃圾箱满了 找我 13766668888",
    "希望社区多搞精神文明宣传",
    "工地晚上打桩",
    "丈夫开的店门口占道经营",
    "学校门口放学堵车",
    "我家老公说楼道灯坏了打电话没人接",
    "有人打架",
    "书记说下周修路，还没修",
    "请主任来看一下",
    "社区工作人员态度好，表扬",
    "老人摔伤了，路面坑洼",
    "投诉工地噪音",
    "反映物业不作为",
    "反映公交站牌倒了，找过工作人员",
    "狗追小孩",
    "小孩被狗咬了",
    "消防通道被锁",
    "请问低保怎么申请",
    "噪音大，活不了",
    "孩子打预防针在哪里",
    "妈妈打电话说水管爆了",
    "爸打工回来要办居住证",
    "小偷偷电瓶车",
    "广场舞音响太大，老人孩子睡不好",
    "投诉出租车司机",
    "反映小区干部小区停车位收费",
    "孩子学校食堂饭菜不新鲜",
)


@pytest.mark.parametrize("text", SENSITIVE)
def test_words_about_violence_officials_or_a_life_are_sensitive(text: str) -> None:
    assert sensitive_theme(text) is not None


@pytest.mark.parametrize("text", ORDINARY)
def test_words_about_lamps_and_litter_are_not(text: str) -> None:
    assert sensitive_theme(text) is None


def test_the_list_has_a_version_and_enough_phrases() -> None:
    assert sensitive_list().version == 1
    assert sum(map(len, sensitive_list().themes.values())) >= 40
