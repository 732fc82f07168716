"""Speech: records by espeak-ng what the kiosk says, for browsers without a voice; into static/speech, not committed.

Sentences are recorded one by one; where a blank stands in them their parts are, and beside them figures, months
and letters: amounts and dates are put together from these (`recordings`).
"""

from __future__ import annotations

import array
import hashlib
import json
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pypinyin import Style, lazy_pinyin
from rich.console import Console
from rich.progress import track

from backend.hall import refusals as hall
from backend.kernel import errors
from backend.kernel.errors import Told
from backend.kernel.language import EN, ZH
from backend.payout import refusals
from backend.registry.schema import CARD_STATUS
from cardio.link import CardFault
from kiosk import client, pages, reciting, spoken, told, words
from kiosk.recordings import HOME, INDEX, keyed

PROGRAM: Final = "espeak-ng"
VOICES: Final = {ZH: "cmn-latn-pinyin", EN: "en-gb"}
RATE: Final = {ZH: "150", EN: "145"}  # words a minute; slower than it speaks by itself
MAKING: Final = "1"  # another number makes everything anew
BLANK: Final = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]+>")
STOP: Final = re.compile(r"(?<=[。？！])|(?<=[.?!]) ")
QUIET: Final = 200  # of 32,768: below it nobody hears anything
FACTS: Final = (  # what stands in the blanks of sentences
    *("基本养老金", "这笔待遇", "领取单 {order}"),
    *("领到、但还没有启用", "临时停用", "登记挂失", "换成新卡", "登记注销", "暂停使用，等待核查"),
    *CARD_STATUS.values(),
    *("已投递", "处理中", "稍后考虑", "进入人才库", "拟录用", "已录用", "未录用", "已撤回", "职位已关闭"),
)
BEHIND: Final = (  # refusals from where a kiosk does not look: told by what does the deed itself
    "同一件事刚刚已经有人在办，这一次没有办成，什么也没有改。请重新打开看一看，没有办好的再办一次。",
    "您已经申请过这个职位（{state}），不用再申请；进展在“我的申请”里看。",
    "还没有缴清过的月份，不能开参保缴费证明；请缴清以后再来开。",
)
LETTERS: Final = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
FIGURES: Final[dict[str, tuple[str, ...]]] = {  # amounts, days and numbers are put together from these
    ZH: (
        *(reciting.chinese(n) for n in range(100)),
        *(digit + unit for digit in reciting.DIGITS for unit in "百千角分"),
        *(reciting.chinese(n) + unit for unit, last in (("月", 12), ("日", 31)) for n in range(1, last + 1)),
        *("万", "亿", "元", "年", "个月", "百", "千"),
        *LETTERS,
    ),
    EN: (
        *(*reciting.ONES, *reciting.TENS, *reciting.MONTHS),
        *("hundred", "thousand", "million", "billion", "yuan", "fen", "year", "years", "month", "months"),
        *LETTERS,
    ),
}
TELLING: Final = {
    one.__name__ for one in (told, client, refusals, hall, errors)
}  # whose sentences reach a screen
Wanted = dict[str, dict[str, str]]  # language → what it is looked up by → what is said


def parts(text: str) -> Iterator[str]:
    """A text by its blanks and full stops: what is recorded in one piece."""
    for between in BLANK.split(text):
        yield from STOP.split(between)


def sentences() -> Iterator[str]:
    """In Chinese: what screens say, and what may be explained on them."""
    yield from spoken.texts()
    yield from pages.BUSY.values()
    yield from pages.voices()
    for shape in (*_below(Told), *_below(CardFault), CardFault):
        module = shape.__module__
        if module in TELLING or issubclass(shape, CardFault):
            yield (shape.__doc__ or "").partition("\n")[0]


def _below(shape: type) -> Iterator[type]:
    one: type
    for one in shape.__subclasses__():
        yield one
        yield from _below(one)


def recorded(language: str) -> dict[str, str]:
    """What is recorded in this language: by what it is looked up, as it is said."""
    whole = [*sentences(), *FACTS, *BEHIND]
    said = [part for text in whole for part in parts(words.translate(text, language))]
    for text in whole:
        said += parts(words.CATALOGUE.counted(text, 2, language))
    said += FIGURES[language]
    found: dict[str, str] = {}
    for text in said:
        if key := keyed(reciting.recited(text, language), language):
            found.setdefault(key, reciting.recited(text, language).strip())
    return found


def spelled(text: str, language: str) -> str:
    """As the voice reads it: Chinese by its sounds, in which words of two readings are right."""
    if language != ZH or text.isascii():
        return text
    sounds = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)
    return " ".join(sounds).replace("ü", "v")


def _record(text: str, language: str, file: Path) -> None:
    """Letters are English in Chinese too."""
    voice = VOICES[EN if text.isascii() else language]
    subprocess.run(  # noqa: S603 - with our own arguments
        [shutil.which(PROGRAM) or PROGRAM, "-v", voice, "-s", RATE[language], "-w", str(file), "--stdin"],
        input=spelled(text, language).encode(),
        check=True,
        capture_output=True,
    )
    _trim(file)


def _trim(file: Path) -> None:
    """Without the silence at both ends, so that pieces follow one another as in one breath."""
    with wave.open(str(file), "rb") as made:
        how, sound = made.getparams(), array.array("h", made.readframes(made.getnframes()))
    loud = [at for at, sample in enumerate(sound) if abs(sample) > QUIET]
    if loud:
        margin = how.framerate // 25
        sound = sound[max(0, loud[0] - margin) : loud[-1] + margin]
    with wave.open(str(file), "wb") as kept:
        kept.setparams(how)
        kept.writeframes(sound.tobytes())


def mark(wanted: Wanted) -> str:
    return hashlib.sha256(json.dumps([MAKING, VOICES, RATE, wanted], sort_keys=True).encode()).hexdigest()


def current(home: Path, wanted: Wanted) -> bool:
    """Whether all that is said today is recorded."""
    index = home / INDEX
    return index.exists() and json.loads(index.read_text("utf-8"))["mark"] == mark(wanted)


def make(home: Path, wanted: Wanted) -> None:
    """Record what is missing, forget what nobody says any more; the index last."""
    home.mkdir(parents=True, exist_ok=True)
    texts: Wanted = {}
    for language, said in wanted.items():
        texts[language] = {}
        for key, text in track(said.items(), f"{PROGRAM} {language}", transient=True):
            name = hashlib.sha256(
                f"{MAKING} {VOICES[language]} {RATE[language]} {text}".encode()
            ).hexdigest()[:16]
            file = home / f"{name}.wav"
            if not file.exists():
                making = home / f"{name}.part"
                _record(text, language, making)
                making.rename(file)
            texts[language][key] = file.name
    kept = {name for said in texts.values() for name in said.values()}
    for file in home.glob("*.*"):
        if file.name not in kept:
            file.unlink()
    (home / INDEX).write_text(index_of(wanted, texts), "utf-8")


def index_of(wanted: Wanted, files: Wanted) -> str:
    """Which file says which text, and of what words it was made."""
    return json.dumps({"mark": mark(wanted), "texts": files}, ensure_ascii=False, indent=0)


def main() -> None:
    wanted = {language: recorded(language) for language in words.LANGUAGES}
    if current(HOME, wanted):
        return
    if shutil.which(PROGRAM) is None:
        Console(stderr=True).print(
            "自助机的录音没有做：要 Debian 软件包 espeak-ng。没有录音、浏览器也没有语音时，自助机不出声，别的都照常。"
        )
        return
    make(HOME, wanted)
    size = sum(file.stat().st_size for file in HOME.glob("*.wav"))
    sys.stdout.write(f"{sum(map(len, wanted.values()))} recordings, {size / 1e6:.0f} MB, in {HOME}\n")


if __name__ == "__main__":
    main()
