"""Transfers of pension relations: what other systems may call, and every command and question in one place."""

from backend.pension.transferring import auditing
from backend.pension.transferring.bridging import OUT_OF_ACCOUNT, end, move
from backend.pension.transferring.certifying import certify
from backend.pension.transferring.checking import check
from backend.pension.transferring.coming import accept, apply, finish, receive, tell
from backend.pension.transferring.doubled import ITEM, refund_late
from backend.pension.transferring.guarding import on_retiring
from backend.pension.transferring.leaving import pay, send, take_letter
from backend.pension.transferring.listing import own, told, waiting
from backend.pension.transferring.place import place
from backend.pension.transferring.printing import print_paper
from backend.pension.transferring.temporary import flag
from backend.pension.transferring.withdrawing import withdraw

__all__ = [
    "ITEM",
    "OUT_OF_ACCOUNT",
    "accept",
    "apply",
    "auditing",
    "certify",
    "check",
    "end",
    "finish",
    "flag",
    "move",
    "on_retiring",
    "own",
    "pay",
    "place",
    "print_paper",
    "receive",
    "refund_late",
    "send",
    "take_letter",
    "tell",
    "told",
    "waiting",
    "withdraw",
]
