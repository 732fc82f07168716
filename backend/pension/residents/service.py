"""Residents' pension 城乡居民基本养老保险: what other systems may call."""

from backend.pension.residents import auditing, enrolling, moving, paying, settling, stopping, subsidising
from backend.pension.residents.awarding import award
from backend.pension.residents.books import FUND, FUNERAL, INHERITANCE
from backend.pension.residents.checking import check
from backend.pension.residents.contributing import help_with, pay, pay_online
from backend.pension.residents.enrolling import choose, enrol
from backend.pension.residents.inheriting import bury, inherit
from backend.pension.residents.loading import Loaded, Paid, load
from backend.pension.residents.mine import mine, reached, scheme
from backend.pension.residents.moving import give_up, take_in
from backend.pension.residents.paying import pay_month, run_difference, run_month
from backend.pension.residents.reversing import reverse
from backend.pension.residents.schema import Pay
from backend.pension.residents.settling import settle_year

__all__ = [
    "FUND",
    "FUNERAL",
    "INHERITANCE",
    "Loaded",
    "Paid",
    "Pay",
    "auditing",
    "award",
    "bury",
    "check",
    "choose",
    "enrol",
    "enrolling",
    "give_up",
    "help_with",
    "inherit",
    "load",
    "mine",
    "moving",
    "pay",
    "pay_month",
    "pay_online",
    "paying",
    "reached",
    "reverse",
    "run_difference",
    "run_month",
    "scheme",
    "settle_year",
    "settling",
    "stopping",
    "subsidising",
    "take_in",
]
