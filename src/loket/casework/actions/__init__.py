"""Writes: one transaction each."""

from loket.casework.actions.charging import ask_for_payment, give_back, take_cash
from loket.casework.actions.coming_back import (
    CODE_MINUTES,
    find_by_contact,
    find_by_pin,
    find_by_proof,
    send_code,
    use_code,
)
from loket.casework.actions.counter import (
    PIN_TRIES,
    arrived,
    hand_over,
    list_counter,
    open_at_counter,
    return_uncollected,
    send_to_other_centre,
)
from loket.casework.actions.erasing_again import erase_again
from loket.casework.actions.exporting import AT_ONCE as EXPORTED_AT_ONCE
from loket.casework.actions.exporting import Export, export
from loket.casework.actions.following_up import follow_up, settle
from loket.casework.actions.listing import list_cases, look_up
from loket.casework.actions.moving import AHEAD, UNDO_FOR, act
from loket.casework.actions.noting import add_note, assign_to_self
from loket.casework.actions.opening import open_case
from loket.casework.actions.paperwork import make_again, make_paper, reissue, withdraw
from loket.casework.actions.previewing import preview
from loket.casework.actions.reading import (
    open_file_for_staff,
    open_for_staff,
    open_notice,
    receive_notice,
)
from loket.casework.actions.replying import answer_reply_page, send_reply
from loket.casework.actions.running_out import time_out
from loket.casework.actions.undoing import undo

__all__ = [
    "AHEAD",
    "CODE_MINUTES",
    "EXPORTED_AT_ONCE",
    "PIN_TRIES",
    "UNDO_FOR",
    "Export",
    "act",
    "add_note",
    "answer_reply_page",
    "arrived",
    "ask_for_payment",
    "assign_to_self",
    "erase_again",
    "export",
    "find_by_contact",
    "find_by_pin",
    "find_by_proof",
    "follow_up",
    "give_back",
    "hand_over",
    "list_cases",
    "list_counter",
    "look_up",
    "make_again",
    "make_paper",
    "open_at_counter",
    "open_case",
    "open_file_for_staff",
    "open_for_staff",
    "open_notice",
    "preview",
    "receive_notice",
    "reissue",
    "return_uncollected",
    "send_code",
    "send_reply",
    "send_to_other_centre",
    "settle",
    "take_cash",
    "time_out",
    "undo",
    "use_code",
    "withdraw",
]
