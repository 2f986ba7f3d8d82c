"""Whether somebody writes of not wanting to live, for themselves or of somebody close to them.

What is often said of debts ("this card is killing me", 跳楼价) is not that, nor is what insurance makes of it.
In doubt it is: kind words to somebody who did not need them do little harm.
"""

import re

_ENGLISH = re.compile(
    r"""
    \bkill(?:s|ed|ing)?\s+(?:myself|himself|herself|themsel(?:f|ves))\b
    | \b(?:end|ending|ended|take|taking|took)\s+(?:it\s+all\b|(?:my|his|her|their)\s+(?:own\s+)?li(?:fe|ves)\b)
    | (?<!not\ )(?<!n't\ )(?<!never\ )(?<!isn’t\ )\bsuicid(?:e|al)\b
    | (?<!n't\ )(?<!n’t\ )(?<!not\ )
        \b(?:want|wants|wanted|wanna|wish|wishing|going|ready|hope|hoping)
        \s+(?:to\s+|(?:i|he|she)\s+(?:was|were|could)\s+)?(?:just\s+)?(?:die(?!\s+(?:debt|rich|old))|be\s+dead|dead)\b
    | \bwish\s+(?:i|he|she)(?:'d|’d|\s+had)?
        \s+(?:never\s+(?:been\s+born|wake\s+up|woken)|not\s+wake\s+up|were\s+n[o']t\s+here)
    | \bbetter\s+off\s+(?:dead\b|if\s+i\s+(?:was|were)\s+(?:dead|gone)|without\s+me\b)
    | \b(?:no|any|nothing|little)\s+(?:reason|point|sense)?\s*(?:in\s+|to\s+)?
        (?:living|live\s+for|live|being\s+alive|go(?:ing)?\s+on\s+living)\b
    | \bnot\s+worth\s+living\b | \btired\s+of\s+(?:living|being\s+alive)\b
    | \b(?:do\s+not|don'?t|don’t|no\s+longer|doesn'?t|doesn’t)\s+want\s+to\s+
        (?:live(?!\s+(?:with|in|at|near|off|on))|be\s+alive|be\s+here\s+any\s?more|wake\s+up|exist|go\s+on)\b
    | \bcan(?:'t|’t|not|\s+not)\s+(?:go\s+on(?:\s+(?:like\s+this|any\s?more|living))?
        |take\s+(?:it|this)\s+any\s?(?:more|longer)|live\s+(?:like\s+this|any\s?more|with\s+this))\b
    | \b(?:hurt|harm|hang|hanging|cut|cutting)\s+(?:myself|himself|herself)\b | \bself[-\ ]harm
    | \b(?:jump|jumping)\s+(?:off|from)\s+(?:a|the|my)\s+(?:bridge|roof|building|balcony|window)
    | \b(?:goodbye|suicide)\s+(?:note|letter)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CHINESE = re.compile(
    r"不想(?:再)?活|活不(?:下去|了(?:了|多久|几天)?(?!动))|(?:活着|人生|生活)(?:真的?)?(?:也)?(?:没(?:有)?(?:什么)?(?:意思|意义|盼头|希望)|太累|好累)"
    r"|(?<!不)(?<!没)(?:想|要)(?:去)?死(?![机磕守板人])|自杀|轻生|寻死|寻短见|跳楼(?![价货甩大式])|跳河|跳江|跳桥|上吊|割腕|烧炭|喝农药"
    r"|(?:结束|了结)(?:了)?(?:自己|我|他|她)?(?:的)?(?:生命|性命|一生)|了结自己|一死了之|死了算了|死了(?:就)?(?:好了|一了百了)|不如死了?|生不如死"
    r"|撑不(?:下去|住)了?|熬不(?:下去|住)了?|没有?活路|离开这个世界|写(?:好)?(?:了)?遗书|自残|不想醒来|没有活下去的"
)
_OF_LAW_OR_COVER = re.compile(r"suicide\s+clause|自杀(?:条款|免责)", re.IGNORECASE)


def is_of_despair(text: str) -> bool:
    """Whether somebody should be met first, and their debts afterwards."""
    said = _OF_LAW_OR_COVER.sub("", " ".join(text.split()))
    return bool(_ENGLISH.search(said) or _CHINESE.search(re.sub(r"\s", "", said)))
