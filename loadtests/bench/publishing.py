"""Publishing: from a vacancy's publication in one process to its being found in another, under a steady stream.

Employers post through the portal's API; the outbox and the indexer process do the rest; a third process (this
one) reads the index and asks for each vacancy by a word of its own until it is found. Timed from the moment the
employer has the answer; from the moment the request was due is told too. Yardstick: PostgreSQL's own
notification from one connection to another on the same cluster.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg

from backend.demo import cast
from backend.http import SESSION_COOKIE
from backend.kernel.clock import SystemClock
from loadtests.bench import frame
from loadtests.bench.board import table
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.figures import percentile
from loadtests.house import House
from loadtests.line import Line, cookie
from search.embedded import EmbeddedIndex
from search.port import Query
from search.thesaurus import Thesaurus

FULL = {"rate": 20, "seconds": 30, "notices": 500}
QUICK = {"rate": 5, "seconds": 2, "notices": 20}
LINES = 8
PATIENCE_S = 30.0
PAUSE_S = 0.002


@dataclass
class Post:
    """One vacancy on its way."""

    word: str
    due: float
    answered: float = 0.0
    no: str = ""
    found: float = 0.0
    wrong: str = ""


@dataclass
class Stream:
    """Posts at a fixed rate, whether or not the server keeps up."""

    port: int
    session: str
    rate: float
    number: int
    posts: list[Post] = field(default_factory=list)
    _turns: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> list[threading.Thread]:
        self._started = time.monotonic()
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(LINES)]
        for thread in threads:
            thread.start()
        return threads

    def waiting(self) -> list[Post]:
        """Published and not found yet."""
        with self._lock:
            return [one for one in self.posts if one.no and not one.found]

    def _work(self) -> None:
        with Line(self.port, headers={"Cookie": f"{SESSION_COOKIE}={self.session}"}) as line:
            while (turn := next(self._turns)) < self.number:
                post = Post(f"zqk{turn:05d}", self._started + turn / self.rate)
                with self._lock:
                    self.posts.append(post)
                time.sleep(max(0.0, post.due - time.monotonic()))
                reply = line.post("/api/v1/items/EMP-01", advert(post.word))
                post.answered = time.monotonic()
                said: dict[str, Any] = reply.json()
                if reply.status == 200 and said["status"] == "open":
                    post.no = said["vacancy"]
                else:
                    post.wrong = f"{reply.status} {reply.body.decode()[:300]}"


def advert(word: str) -> dict[str, Any]:
    """A lawful advert that only its own word finds."""
    company = cast.company(SystemClock().today())
    return {
        "uscc": company.uscc,
        "title": f"数控车床操作工 {word}",
        "occupation": "6-18-01-01",
        "area": company.area,
        "address": company.address,
        "work": "操作数控车床加工零件，检验尺寸，做好设备日常保养。每天八小时，双休。",
        "pay_min": "7000",
        "pay_max": "9500",
        "contact": company.contact,
        "phone": company.phone,
        "valid_until": (SystemClock().today() + timedelta(days=30)).isoformat(),
    }


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house:
        url = frame.address(house)
        with frame.everything(house, url, quick=asked.quick):
            stream = Stream(house.portal, sign_in(house), asked.rate, asked.rate * asked.seconds)
            with EmbeddedIndex(house.home / "index", Thesaurus.load(table())) as index:
                follow(stream, index)
            notices = notified(url, asked.notices)
    wrong = [one.wrong or "没有找到" for one in stream.posts if not one.found]
    if wrong or len(stream.posts) != stream.number:
        raise SystemExit(f"{len(wrong)} 则没有找到：{wrong[:2]}")
    ms = [(one.found - one.answered) * 1000 for one in stream.posts]
    whole = [(one.found - one.due) * 1000 for one in stream.posts]
    return [
        Figure(
            f"发布到另一个进程找得到 p99，每秒发布 {asked.rate} 则",
            percentile(ms, 99) / 1000,
            "秒",
            "数据库通知到另一个连接 p99",
            percentile(notices, 99) / 1000,
            Bar("value", "≤", 1),
            f"{len(ms)} 则：p50 {percentile(ms, 50):.0f}、最长 {max(ms):.0f} 毫秒；"
            f"从应该提交的时刻算起 p50 {percentile(whole, 50):.0f}、p99 {percentile(whole, 99):.0f} 毫秒",
        )
    ]


def sign_in(house: House) -> str:
    with Line(house.portal) as line:
        reply = line.form("/sign-in", name=cast.HR.login, password=cast.HR.password)
        return cookie(reply, SESSION_COOKIE)


def follow(stream: Stream, index: EmbeddedIndex) -> None:
    """Ask for each until all are found, or patience is over after the last was posted."""
    threads = stream.run()
    ended = 0.0
    while True:
        posting = any(thread.is_alive() for thread in threads)
        waiting = stream.waiting()
        if not posting and not waiting:
            return
        ended = ended or (0.0 if posting else time.monotonic())
        if ended and time.monotonic() - ended > PATIENCE_S:
            return
        for post in waiting:
            if any(hit.id == post.no for hit in index.find(Query(post.word)).hits):
                post.found = time.monotonic()
        time.sleep(PAUSE_S)


def notified(url: str, number: int) -> list[float]:
    """Milliseconds from a notification's commit being asked for to its arrival elsewhere."""
    found = []
    with psycopg.connect(url, autocommit=True) as ear, psycopg.connect(url, autocommit=True) as mouth:
        ear.execute("listen bench")
        for _ in range(number):
            began = time.perf_counter()
            mouth.execute("notify bench")
            for _heard in ear.notifies(timeout=PATIENCE_S, stop_after=1):
                found.append((time.perf_counter() - began) * 1000)
    return found


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
