"""Whether somebody writes of not wanting to live, for themselves or of somebody close to them.

What is often said of debts ("this card is killing me", 跳楼价) is not that, nor is what insurance makes of it.
In doubt it is: kind words to somebody who did not need them do little harm.
"""

import re

_ENGLISH = re.compile(
    r"""
    \bkill(?:s|ed|ing)?\s+(?:my\s?self|himself|herself|themsel(?:f|ves))\b
    | \b(?:end|ending|ended)\s+it\s+all\b(?!\s+(?:in|with|by|at|off|this|next|now\s+with))
    | \b(?:end|ending|ended|take|taking|took)\s+(?:my|his|her|their)\s+(?:own\s+)?li(?:fe|ves)\b
        (?!\s+(?:savings|insurance|polic|cover|assurance|annuity))
    | (?<!not\ )(?<!n't\ )(?<!never\ )(?<!isn’t\ )(?<!financial\ )(?<!career\ )(?<!political\ )\bsuicid(?:e|al)\b
    | (?<!n't\ )(?<!n’t\ )(?<!not\ )
        \b(?:want|wants|wanted|wanna|wish|wishing|going|ready|hope|hoping)
        \s+(?:to\s+|(?:i|he|she)\s+(?:was|were|could)\s+)?(?:just\s+)?
        (?:die(?!\s+(?:debt|rich|old))|be\s+dead|dead)\b(?!\s+(?:simple|easy|set|sure|weight|tired|certain))
    | \brather\s+be\s+dead\b | \b(?:worth|better)\s+(?:\w+\s+)?dead\b
    | \bif\s+i\s+(?:died|(?:was|were)\s+(?:dead|gone))\b
    | \bway\s+out\s+(?:but|is|except)\s+(?:death|to\s+die|dying)\b
    | \bwish\s+(?:i|he|she)(?:'d|’d|\s+had|\s+would|\s+could)?(?:\s+just)?
        \s+(?:never\s+(?:been\s+born|woken)|(?:not|never)\s+wake\s+up|were\s+n[o']t\s+here)
    | \bnever\s+wake\s+up\b
    | \bbetter\s+off\s+(?:dead\b|if\s+i\s+(?:was|were)\s+(?:dead|gone)|without\s+me\b)
    | \b(?:no|any|nothing|little)\s+(?:left\s+|more\s+)?(?:reason|point|sense)?\s*(?:in\s+|to\s+)?
        (?:living|live\s+for|live|being\s+alive|go(?:ing)?\s+on\s+living)\b(?!\s+(?:wage|cost|expense|room))
    | (?:\bnot|n't|n’t)\s+worth\s+living\b | \btired\s+of\s+(?:living|being\s+alive)\b(?!\s+(?:with|in|from|on|off|pay))
    | \b(?:do\s+not|don'?t|don’t|no\s+longer|doesn'?t|doesn’t)\s+want\s+to\s+
        (?:live(?!\s+(?:with|in|at|near|off|on|from|pay))|be\s+alive|be\s+here\s+any\s?more|wake\s+up|exist)\b
    | \bcan(?:'t|’t|not|\s+not)\s+
        (?:go\s+on(?:\s+(?:like\s+this|any\s?more|living)|\s*(?:[.!?,;]|$))
        |take\s+(?:it|this)\s+any\s?(?:more|longer)|live\s+(?:like\s+this|any\s?more|with\s+(?:this|it)\s+any\s?more))
    | \b(?:hurt|harm|hang|hanging)\s+(?:myself|himself|herself)\b | \bself[-\ ]harm
    | \bcut(?:ting)?\s+(?:myself|himself|herself)\b(?!\s+(?:some|a|off|out|down|loose|in))
    | \bslit(?:ting)?\s+(?:my|his|her)\s+wrist | \boverdos(?:e|es|ed|ing)\b | \bbottle\s+of\s+(?:\w+\s+)?pills\b
    | \b(?:jump|jumping)\s+(?:off|from)\s+(?:a|the|my)\s+(?:bridge|roof|building|balcony|window)
    | \b(?:jump|jumping|step|walk)\s+in\s+front\s+of\s+(?:a|the)\s+(?:train|truck|bus|car|lorry)
    | \b(?:goodbye|suicide)\s+(?:note|letter)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CHINESE = re.compile(
    r"不想(?:再)?活(?![用动跃])|活不(?:下去|了(?:了|多久|几天)?(?!动))|没(?:有)?(?:脸|勇气|力气)(?:再)?活|活着还有(?:什么|啥)"
    r"|(?:活着|人生|生活)(?:真的?)?(?:也)?(?:没(?:有)?(?:什么)?(?:意思|意义|盼头|希望)|太累|好累)"
    r"|(?<!不)(?<!没)(?<!没有)(?:想|要)(?:去)?死(?![机磕守板人扛要])|自杀(?!式)|轻生|寻死|寻短见|跳楼(?![价货甩大式])"
    r"|跳河|跳江(?!大桥)|跳桥|跳下去|上吊|割腕|烧炭(?![烤火锅])|喝农药|想喝药|吃(?:了|下)?(?:一瓶|很多|大量)?安眠药"
    r"|(?:结束|了结)(?:了)?(?:自己|我|他|她)?(?:的)?(?:生命|性命|一生)|了结自己|一死了之|一了百了|死了算了|我死了"
    r"|死了(?:就)?好了|不如死了?|生不如死|(?:想|求)解脱"
    r"|(?:撑|熬)不(?:下去|住)了?(?![这那月每])|没有?活路|离开这个世界|写(?:好)?(?:了)?遗书|自残|不想(?:再)?醒来|没有活下去的"
)
_OF_OTHER_THINGS = re.compile(
    r"suicide\s+clause|自杀(?:条款|免责)"
    r"|(?:公司|企业|工厂|店铺?|生意|现金流|资金链?|账户|预算)[^。，！？,.!?]{0,4}(?:撑|熬)不(?:下去|住)了?",
    re.IGNORECASE,
)
_SIMPLIFIED = str.maketrans(
    "殺輕樓結沒撐遺書腕醒燒農藥麼無勇氣臉還離開這個", "杀轻楼结没撑遗书腕醒烧农药么无勇气脸还离开这个"
)


def is_of_despair(text: str) -> bool:
    """Whether somebody should be met first, and their debts afterwards."""
    said = _OF_OTHER_THINGS.sub("", " ".join(text.translate(_SIMPLIFIED).split()))
    return bool(_ENGLISH.search(said) or _CHINESE.search(re.sub(r"\s", "", said)))
