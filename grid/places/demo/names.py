"""Invented people: surnames as frequent as around Guangzhou, given names of the generation they belong to."""

import random
from dataclasses import dataclass
from enum import Enum

# How often, surname, how it is typed. Frequencies are rounded.
SURNAMES = """
12 陈 chen|10 黄 huang|9 李 li|8 梁 liang|6 林 lin|6 张 zhang|6 何 he|5 吴 wu|5 刘 liu|5 罗 luo|4 郭 guo|4 谭 tan
4 邓 deng|4 冯 feng|4 周 zhou|4 曾 zeng|4 王 wang|3 叶 ye|3 钟 zhong|3 谢 xie|3 麦 mai|3 苏 su|3 卢 lu|3 黎 li
3 潘 pan|3 朱 zhu|3 蔡 cai|3 杨 yang|3 徐 xu|3 胡 hu|3 简 jian|2 区 ou|2 莫 mo|2 孔 kong|2 韩 han|2 廖 liao
2 彭 peng|2 邝 kuang|2 江 jiang|2 赵 zhao|2 高 gao|2 余 yu|2 杜 du|2 蒋 jiang|2 沈 shen|2 唐 tang|2 许 xu|2 袁 yuan
1 关 guan|1 霍 huo|1 岑 cen|1 冼 xian|1 严 yan|1 伍 wu|1 欧阳 ouyang|1 招 zhao|1 龙 long|1 姚 yao|1 汤 tang|1 方 fang
1 崔 cui|1 温 wen|1 戴 dai|1 程 cheng|1 丁 ding|1 魏 wei|1 司徒 situ|1 凌 ling|1 屈 qu|1 任 ren
"""

ELDER_WOMEN = """
丽芳 lifang|秀英 xiuying|桂芳 guifang|玉珍 yuzhen|惠芳 huifang|美玲 meiling|淑贞 shuzhen|凤英 fengying|玉兰 yulan
秀珍 xiuzhen|桂英 guiying|丽华 lihua|月娥 yuee|秀兰 xiulan|玉莲 yulian|少芳 shaofang|惠珍 huizhen|燕芬 yanfen
翠英 cuiying|彩霞 caixia|锦霞 jinxia|瑞芳 ruifang|素珍 suzhen|佩玲 peiling|丽珍 lizhen|淑仪 shuyi|碧云 biyun
焕好 huanhao|群英 qunying|转好 zhuanhao|美娟 meijuan|洁芳 jiefang|雪梅 xuemei|金莲 jinlian|顺娣 shundi|带娣 daidi
玉环 yuhuan|爱琼 aiqiong|少玲 shaoling|惠琼 huiqiong|润好 runhao|艳芳 yanfang|瑞珍 ruizhen|秋菊 qiuju|红梅 hongmei
建英 jianying|国英 guoying|文娟 wenjuan|慧娴 huixian|婉仪 wanyi|肖冰 xiaobing|杏芳 xingfang|柳娟 liujuan|银好 yinhao
"""

ELDER_MEN = """
伟强 weiqiang|炳坤 bingkun|建国 jianguo|国强 guoqiang|志强 zhiqiang|锦添 jintian|永强 yongqiang|国华 guohua
耀荣 yaorong|柏林 bolin|炳权 bingquan|伟明 weiming|志华 zhihua|树根 shugen|汉明 hanming|绍基 shaoji|日昌 richang
金水 jinshui|水生 shuisheng|兆棠 zhaotang|广权 guangquan|沛霖 peilin|建华 jianhua|国雄 guoxiong|卫东 weidong
文忠 wenzhong|永康 yongkang|福成 fucheng|锡洪 xihong|启明 qiming|润华 runhua|锦洪 jinhong|树标 shubiao|耀华 yaohua
炽森 chisen|庆祥 qingxiang|德明 deming|应雄 yingxiong|继尧 jiyao|振邦 zhenbang|满堂 mantang|社权 shequan|绍良 shaoliang
仲文 zhongwen|泽民 zemin|伯雄 boxiong|荣基 rongji|浩泉 haoquan|建新 jianxin|惠良 huiliang|松柏 songbai|广林 guanglin
"""

YOUNGER_WOMEN = """
敏 min|婷 ting|嘉欣 jiaxin|晓彤 xiaotong|咏诗 yongshi|雅雯 yawen|思敏 simin|洁仪 jieyi|倩文 qianwen|诗韵 shiyun
晓君 xiaojun|慧敏 huimin|静雯 jingwen|佩珊 peishan|海燕 haiyan|翠珊 cuishan|颖怡 yingyi|巧玲 qiaoling|舒婷 shuting
嘉慧 jiahui|丹妮 danni|文静 wenjing|绮琪 qiqi|淑敏 shumin|美仪 meiyi|秋怡 qiuyi|晓琳 xiaolin|梓晴 ziqing
"""

YOUNGER_MEN = """
志明 zhiming|浩 hao|俊杰 junjie|嘉豪 jiahao|伟杰 weijie|健文 jianwen|志鹏 zhipeng|子健 zijian|家乐 jiale|永坚 yongjian
浩然 haoran|文轩 wenxuan|晓峰 xiaofeng|梓豪 zihao|启航 qihang|展鹏 zhanpeng|志勇 zhiyong|炜坤 weikun|国栋 guodong
锐彬 ruibin|泽楷 zekai|乐天 letian|毅恒 yiheng|冠华 guanhua|立新 lixin|宇航 yuhang|瀚林 hanlin|铭辉 minghui
"""


class Generation(Enum):
    """Building leaders are mostly retired, grid leaders often, the committee works for its living."""

    ELDER = (ELDER_WOMEN, ELDER_MEN, 0.62)
    YOUNGER = (YOUNGER_WOMEN, YOUNGER_MEN, 0.6)


@dataclass(frozen=True)
class Name:
    """A full name and the user name it is typed as."""

    full: str
    typed: str


class Names:
    """Names drawn one after another, no two people alike and no two user names either."""

    def __init__(self, chance: random.Random, *, taken: tuple[Name, ...] = ()) -> None:
        self.chance = chance
        self.full = {name.full for name in taken}
        self.typed = {name.typed for name in taken}
        rows = [row.split() for row in entries(SURNAMES)]
        self.surnames = [(surname, typed) for _often, surname, typed in rows]
        self.weights = [int(often) for often, _surname, _typed in rows]
        self.given = {pool: [tuple(row.split()) for row in entries(pool)] for pool in _pools()}

    def draw(self, generation: Generation) -> Name:
        """The next person of a generation."""
        women, men, share_of_women = generation.value
        while True:
            surname, family = self.chance.choices(self.surnames, self.weights)[0]
            given, own = self.chance.choice(self.given[women if self.chance.random() < share_of_women else men])
            if surname + given not in self.full:
                break
        self.full.add(surname + given)
        typed = self._free(family + own)
        return Name(surname + given, typed)

    def _free(self, wanted: str) -> str:
        """Two people may be typed alike (黎丽芳, 李丽芳): the second has a number."""
        typed, number = wanted, 2
        while typed in self.typed:
            typed, number = f"{wanted}{number}", number + 1
        self.typed.add(typed)
        return typed


def caller(chance: random.Random) -> str:
    """Somebody who rings up or walks in; nobody's account."""
    rows = [row.split() for row in entries(SURNAMES)]
    surname = chance.choices([row[1] for row in rows], [int(row[0]) for row in rows])[0]
    given = chance.choice(entries(chance.choice(_pools()))).split()[0]
    return surname + given


def mobile(number: int) -> str:
    """A number that belongs to nobody: no operator has been given the range 154."""
    return f"154{number * 7_368_787 % 100_000_000:08d}"


def entries(text: str) -> list[str]:
    """The rows of one of the tables above."""
    return [entry for line in text.split("\n") for entry in line.split("|") if entry]


def _pools() -> list[str]:
    return [pool for generation in Generation for pool in generation.value[:2]]
