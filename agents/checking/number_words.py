"""Numbers in words: English ones by a library, Chinese ones sign by sign, so that places stay the same.

Only what can be nothing but a number is read: "one" and 一 mean many things, 三十五个月 means one.
"""

import re
from decimal import Decimal

from text_to_num import text2num

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORD = rf"(?:{_ONES}|{_TEENS}|{_TENS}|hundred|thousand|million)"
ENGLISH = rf"\b(?:an?\s+(?=hundred|thousand|million))?{_WORD}(?:(?:\s+and\s+|[\s-]+){_WORD})*\b"

CHINESE_DIGITS = str.maketrans("〇零一二两三四五六七八九", "001223456789")
_SIGNS = "〇零一二两三四五六七八九十百千万亿"
_AFTER = (
    r"(?:块钱?|元|圆|角|分(?![之期类析])|个?多?月|年|期|倍|美元|人民币|港元|欧元|英镑|日元|个百分点|个点"
    r"|笔|次|天|日|岁)"
)
# A run is a number by what stands around it, or by a scale within it.
_RUN = re.compile(
    rf"(?:(?<=[日息率]万)|(?<=百分之)|(?<=千分之)|(?<=万分之)|(?<=第)|(?<=[¥￥$]))[{_SIGNS}]+(?:点[{_SIGNS}]+)?"
    rf"|(?<![第万\d])[{_SIGNS}]+(?:点[{_SIGNS}]+)?(?={_AFTER})"
    r"|(?<![第万\d])[一二两三四五六七八九][一二两三四五六七八九零十百千万亿]*[十百千万亿][零十百千万亿一二两三四五六七八九]*"
)
_NO_NUMBER = ("千万", "万一")  # "by all means", "in case"


def with_digits(text: str) -> str:
    """Chinese digits of a number as 0 to 9, one for one; 十, 百, 千, 万, 亿 stay, as does all that is no number."""
    return _RUN.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    run = match[0]
    # 一 before a noun is an article.
    is_article = run == "一" and match.string[match.end() : match.end() + 1] in "笔次天日"
    return run if is_article or run in _NO_NUMBER else run.translate(CHINESE_DIGITS)


def english_decimals(words: str) -> str:
    """The digits behind a point, said one by one or as one number: "two five" and "twenty-five" are both 25."""
    try:
        return str(english_value(words))
    except ValueError:
        return "".join(str(english_value(word)) for word in words.split())


def english_value(words: str) -> Decimal:
    """What English number words say.

    Raises:
        ValueError: they are no number together.
    """
    # The library knows no article, and joins tens and ones by a hyphen.
    plain = re.sub(r"^an?\s+", "one ", " ".join(words.lower().split()))
    plain = re.sub(rf"\b({_TENS}) ({_ONES})\b", r"\1-\2", plain)
    return Decimal(text2num(plain, "en"))
