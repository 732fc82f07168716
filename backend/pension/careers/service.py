"""Careers 缴费年限: what other systems may call, and every item and question of it."""

from backend.pension.careers.checking import check
from backend.pension.careers.deeming import recognise, withdraw
from backend.pension.careers.doubles import clear
from backend.pension.careers.flexible import agree_late, ask_late, tell_early, withdraw_choice
from backend.pension.careers.months import of_person
from backend.pension.careers.recognising import recognise_other, recognise_special
from backend.pension.careers.retiring import requests, retiring
from backend.pension.careers.tracks import decide_track

__all__ = [
    "agree_late",
    "ask_late",
    "check",
    "clear",
    "decide_track",
    "of_person",
    "recognise",
    "recognise_other",
    "recognise_special",
    "requests",
    "retiring",
    "tell_early",
    "withdraw",
    "withdraw_choice",
]
