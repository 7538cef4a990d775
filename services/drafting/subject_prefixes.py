"""Strips `Re:`, `AW:`, `TR:` and their like from subjects, in the languages of mail programs."""

import re
import unicodedata

_PREFIXES = """
re fw fwd ref aw wg antw antwort antwoord doorst sv vs vb vl videresendt vidarebefordrat rép réf tr trans transf rif
r inoltra inoltrato rv res
resp enc reenv ynt ilt odp pd podaj odg odgovor posl vá továbbítás atb ats fs bls trs yön απ σχετ πρθ отв ответ пересл відп отг
răsp رد پاسخ ارسال תגובה השב הועבר 回复 回覆 答复 答覆 回 转发 轉寄 转寄 返信 転送 회신 답장 전달 ตอบกลับ ส่งต่อ
"""
_LONGEST_PREFIX = 30  # characters, with its counter
_COUNTER = re.compile(r"[\[(^*]?\d{0,3}[\])]?$")


def without_prefixes(subject: str) -> str:
    """`SV: Antw: TR: Fwd: Re[2]: lamp` is `lamp`; a word before a colon that no mail program writes stays."""
    rest = subject.strip()
    while match := re.search("[:：︓]", rest[:_LONGEST_PREFIX]):
        if _folded(_COUNTER.sub("", rest[: match.start()].strip())) not in _FOLDED_PREFIXES:
            break
        rest = rest[match.end() :].lstrip()
    return rest


def _folded(word: str) -> str:
    """Without accents, width and capitals: `RÉP`, `ＲＥ` and `İLT` are written in many ways."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return "".join(c for c in letters if unicodedata.category(c)[0] not in "MCZ")


_FOLDED_PREFIXES = frozenset(map(_folded, _PREFIXES.split()))
