"""Chinese texts whose words are as unevenly frequent as in real ones; the same texts for the same seed."""

import random
from itertools import accumulate

COMMON = (
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想"
    "作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感见明问力理尔点文几定本公特"
    "做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐"
    "色更拉东神记处让母父应直字场平报友关放至张认接告入笑内英军候民岁往何度山觉路带万男边风解叫任金快原吃妈变通师立象数四失满战远格士音轻目条呢病始达深完今提求"
    "清王化空业思切怎非找片罗钱语元喜曾离飞科言干流欢约各即指合反题必该论交终林请医晚制球决传画保读运及则房早院量苦火布品近坐产答星精视五连司巴奇管类未朋且婚台"
    "夜青北队久乎越观落尽形影红爸百令周吧识步希亚术留市半热送兴造谈容极随演收首根讲整式取照办强石古华拿计您装似足双妻尼转诉米称丽客南领节衣站黑刻统断福城故历惊"
    "脸选包紧争另建维绝树系伤示愿持千史谁准联妇纪基买志静阿诗独复痛消社算义竟确酒需单治卡幸兰念举仅钟怕共毛句息功官待究跟穿室易游程号居考突皮哪费倒价图具刚脑永"
)
CLAUSES = (
    "想当一只翡翠手镯，别家估过价", "上次当的金条想提前赎回", "问一下续当要带什么证件", "当票丢了怎么补办", "这块腕表还在保修期内，能估多少", "房产抵押的利率能不能再谈一谈",
    "昨天打电话没有人接", "柜台说要等师傅复评，等了两天没消息", "希望这周能放款", "想了解绝当品什么时候处理", "钻戒的证书在国外，可以先办吗", "车辆质押后钥匙由谁保管",
    "对息费的计算有疑问，请给一份明细", "建议周末也能办理赎当", "客户要求改到青石区的网点办理", "字画的鉴定意见什么时候能出", "机器设备还在厂里，能上门看吗", "需要一份书面的说明给家里人看",
)  # fmt: skip
FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"


class Speaker:
    """Says sentences."""

    def __init__(self, seed: int = 7) -> None:
        self.random = random.Random(seed)
        self.words = ["".join(self.random.choices(COMMON, k=2)) for _i in range(8_000)]
        self.weights = list(accumulate(1 / (rank + 10) for rank in range(len(self.words))))

    def clause(self) -> str:
        return "".join(self.random.choices(self.words, cum_weights=self.weights, k=self.random.randint(4, 9)))

    def text(self) -> str:
        """About 60 characters: what somebody wants."""
        said = [self.random.choice(CLAUSES)] + [self.clause() for _i in range(self.random.randint(1, 4))]
        self.random.shuffle(said)
        return "，".join(said) + "。"

    def name(self) -> str:
        return self.random.choice(FAMILIES) + "".join(self.random.choices(COMMON, k=self.random.randint(1, 2)))

    def piece(self, text: str, length: int) -> str:
        """So many characters in a row of a text, as somebody would search for them."""
        runs = [run for run in text.replace("。", "，").split("，") if len(run) >= length]
        run = self.random.choice(runs)
        at = self.random.randint(0, len(run) - length)
        return run[at : at + length]
