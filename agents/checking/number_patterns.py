"""How numbers are written in English and Chinese, as one pattern, the more special forms before the plainer."""

import re

from agents.checking.number_words import ENGLISH

# Digits: grouped by commas, apostrophes or thin spaces; with a decimal comma only after grouping points.
DIGITS = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:['’]\d{3})+(?:\.\d+)?|\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})+(?:\.\d+)?"
    r"|\d{1,3}(?:\.\d{3})+,\d\d(?!\d)|\d+(?:\.\d+)?"
)
_ZH = r"(?:\d+|(?=十))(?:[十百千万]\d*)+(?:点\d+)?|\d+点\d+"  # after Chinese digits are written 0 to 9
_EN = ENGLISH
_EN_TENTHS = rf"{ENGLISH}\s+point\s+{ENGLISH}"
EN_TENTHS = re.compile(r"(.+?)\s+point\s+(.+)", re.IGNORECASE)
_ANY = rf"{_EN_TENTHS}|{_EN}|{_ZH}|{DIGITS}"
_EN_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
# May is a word besides, and stands for itself only with a year.
_EN_MONTH_ALONE = r"(?-i:January|February|March|April|June|July|August|September|October|November|December)"
_DAYS = r"(?:7|10|14|15|20|21|25|28|30|45|60|90|120|150|180|365)"  # terms of letters, notices and credit files
PATTERN = re.compile(
    rf"""
    (?P<skip> ^[ \t]*(?:[-*+>][ \t]+)?\d{{1,3}}[.)、](?!\d)          # list numbers
      | (?:\#|\b(?:step|no\.|option|section|chapter|form|regulation|title|schedule|part)|步骤|方案|选项)
          \s*\d+(?:\([a-z]\))?\b
      | \b40[13]\([a-z]\) | \b529\b(?=\s+plan) | \b\d+\s+(?:CFR|U\.?S\.?C\.?)\b\s*[§\d.]*
      | 24/7 | 《[^》]*》 | 万一 | 十分(?=重要|清楚|关键|困难|必要|紧) | 千万(?=不|别|要)
      | (?<![\d.,])(?:[12]\d|3[01]|0?[1-9])\s*[号日](?![息利元])
      | (?<![\d.,]){_DAYS}(?:\s|-)*(?:business\s+|calendar\s+)?(?:days?\b|天|日(?!息|利)) )
  | (?P<phone> (?<![\d-])(?:\+?\d{{1,2}}[-\s])?\(?\d{{3}}\)?[-\s]\d{{3}}[-\s]\d{{4}}(?!\d)
      | (?<!\d)0\d{{3}}\s\d{{3}}\s\d{{4}}(?!\d) | (?<![\d,.])116\s?123(?!\d)
      | (?<!\d)13\s\d\d\s\d\d(?!\d) | (?<!\d)\d{{3,4}}-\d{{7,8}}(?!\d) )
  | (?P<month> (?<!\d)(?P<zy>\d{{4}})\s*年\s*(?P<zm>1[0-2]|十[12]?|0?[1-9])\s*月
      | (?<!\d)(?P<zy2>[2-4]\d)\s*年\s*(?=(?:1[0-2]|0?[1-9])\s*月(?!供|息|费))(?:(?P<zm2>1[0-2]|0?[1-9])\s*月)
      | (?<![\d/-])(?P<iy>(?:19|20|21)\d\d)(?:[-/](?P<im>1[0-2]|0[1-9]|[1-9](?![\d]))(?:[-/]\d\d?)?)(?![\d/-])
      | (?<![\d/.])(?P<sm>1[0-2]|0?[1-9])/(?P<sy>(?:19|20|21)\d\d)(?![\d/])
      | \b(?P<em>{_EN_MONTH})(?:\.?,?\s+(?:of\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?P<ey>(?:19|20|21)\d\d)(?!\d)
          |\.?(?:\s?['’‘]|-)(?P<ey2>[2-4]\d)(?!\d))
      | \b(?:in|by|until|till|through|from|since|before|after|late|early|mid)[ -](?P<ei>{_EN_MONTH_ALONE})\b
          (?!,?\s*(?:of\s+)?['’‘]?\d)
      | (?<![\d.,])(?P<lm>1[0-2]|十[12]?|0?[1-9])\s*月(?!供|息|费) )
  | (?P<duration> 第\s*(?P<nth>{_ZH}|\d+)\s*个?月 | \b(?P<nthe>\d+)(?:st|nd|rd|th)\s+month\b | \bmonth\s+(?P<nthm>\d+)\b
      | (?P<halfyear>\bhalf\s+a\s+year\b|半年)
      | (?<![\d.,])(?P<ly>{_EN}|{_ZH}|\d{{1,3}}(?:\.\d+)?)(?P<ahalf>\s+and\s+a\s+half)?
          (?:\s|-)*(?:years?\b|yrs?\b|年(?![期代级龄利终底化费]))(?P<half>半)?
        (?:\s*(?:and|,|零|又|0)?\s*(?P<lym>{_EN}|{_ZH}|\d{{1,2}})\s*(?:months?\b|mos?\b|个?月))?
      | (?<![\d.,])(?P<lmo>{_EN}|{_ZH}|\d{{1,3}}(?:,\d{{3}})*(?:\.\d+)?)
          (?:\s|-)*(?:months?\b|mos?\b|个\s*多?月|期(?!限|间|末|货)) )
  | (?P<ordinal> 第\s*(?:{_ZH}|\d+) | \b\d+(?:st|nd|rd|th)\b )
  | (?P<rate> (?P<pct>{_ANY})(?:\s|-)*(?:%|pct\b|percent\b|per\s+cent\b|percentage\s+points?\b|个?百分点|个点)
      | (?P<of>百分之|千分之|万分之|(?<=[日息率])万)(?P<ofn>{_ZH}|{DIGITS})
      | (?P<bps>{DIGITS})\s*(?:bps?\b|basis\s+points?\b|个?基点)
      | (?<![\d.])(?P<tenths>[1-9](?:\.\d)?)\s*成 )
  | (?P<ratio> (?P<times>{_ANY})(?:\s?[xX×]\b(?!\s?\d)|\s+times\b|\s*倍) )
  | (?P<year> (?<![\d.,])(?P<yy>(?:19|20|21)\d\d)\s*年 )
  | (?P<number> (?:(?P<yuan>{_ZH}|{DIGITS})\s*[元块])?(?P<jiao>\d)\s*角(?:(?P<fen>\d)\s*分)?
      | (?P<words>{_EN}
          (?:(?=\s*-?(?:dollars?|bucks|pounds|euros|yuan|cents)\b)|(?<=thousand)|(?<=hundred)|(?<=million)))
        (?P<wtail>\s*-?(?:dollars?|bucks|pounds|euros|yuan)\b)?
      | (?:(?P<cur>\b(?-i:[A-Z]{{2,3}})[ ]?[$¥€£]?|[$¥€£₹])[ ]?)?
        (?P<big>(?:(?:{DIGITS})\s?[亿万千百十][万亿]?|十(?=[\d元块圆万])[万亿]?)+\d*
          |(?:(?<=[$€£])|(?<=[A-Z]{{3}}\ ))\d{{1,3}}(?:\ \d{{3}})+(?:\.\d+)?(?!\d)|{DIGITS})
        (?:\s?(?P<scale>thousand\b|million\b|grand\b|[kKmMwW](?![A-Za-z0-9])))?
        (?:\s?(?P<tail>美元|人民币|港元|欧元|英镑|元|块钱?|圆|(?-i:[A-Z]{{3}})\b
          |dollars?\b|pounds\b|euros?\b|yuan\b|bucks\b))? )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
HEDGE_BEFORE = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|nearly|almost|some|circa|close\s+to|just\s+(?:over|under|above|below)"
    r"|a\s+(?:little|bit)\s+(?:over|under|more\s+than|less\s+than)|well\s+over|over|under|more\s+than|less\s+than|up\s+to)\s*(?:\*\*)?[$¥€£]?"
    r"|[~≈]\s*|约为?|大约|大概|差不多|接近|将近|近|超过|不到|多达|至多)\s*(?:\*\*)?$",
    re.IGNORECASE,
)
HEDGE_AFTER = re.compile(r"\s*(?:左右|上下|出头|多(?!少)|余|or\s+so\b|-ish\b)", re.IGNORECASE)
PHONE_WORDS = re.compile(
    r"(?:\b(?:call|text|dial|phone|ring|hotline|lifeline|helpline)(?:\s+(?:or\s+text|to|on|at|us\s+at))?|拨打|致电|热线|电话|拨|短信)"
    r"[\s:：]*(?:\*\*)?$",
    re.IGNORECASE,
)
