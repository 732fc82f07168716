"""What a dispenser says of itself, in the words of CEN/XFS for cash dispensers (CDM).

The names are those of the interface's public C header (WFS_STAT_DEV…, WFS_CDM_STATCU…, WFS_CDM_SHT…,
WFS_CDM_IS…, WFS_ERR_CDM_…), as manufacturers' programs quote it; the text of the standard (CWA 16926) was not
read. Its numbers are not used: between us and a device stand words.
"""

from __future__ import annotations

from enum import StrEnum


class Device(StrEnum):
    """WFSCDMSTATUS.fwDevice"""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    POWER_OFF = "POWEROFF"
    HARDWARE_ERROR = "HWERROR"
    USER_ERROR = "USERERROR"  # a person keeps it from working: something stands in the shutter
    BUSY = "BUSY"


class Unit(StrEnum):
    """WFSCDMCASHUNIT.usStatus"""

    OK = "OK"
    FULL = "FULL"
    HIGH = "HIGH"
    LOW = "LOW"
    EMPTY = "EMPTY"
    INOPERATIVE = "INOP"
    MISSING = "MISSING"


class Stacker(StrEnum):
    """WFSCDMSTATUS.fwIntermediateStacker"""

    EMPTY = "ISEMPTY"
    NOT_EMPTY = "ISNOTEMPTY"
    UNKNOWN = "ISUNKNOWN"


class Shutter(StrEnum):
    """WFSCDMOUTPOS.fwShutter"""

    CLOSED = "SHTCLOSED"
    OPEN = "SHTOPEN"
    JAMMED = "SHTJAMMED"
    UNKNOWN = "SHTUNKNOWN"


class Fault(StrEnum):
    """Why a command was not carried out; the notes' fate is told by the signed status alone."""

    HARDWARE_ERROR = "HARDWARE_ERROR"
    USER_ERROR = "USER_ERROR"
    CASH_UNIT = "CASHUNITERROR"
    NOT_DISPENSABLE = "NOTDISPENSABLE"
    NO_ITEMS = "NOITEMS"
    NOT_EMPTY = "OUTPUTPOS_NOT_EMPTY"
    SHUTTER_NOT_OPEN = "SHUTTERNOTOPEN"
    PRESENT_UNKNOWN = "PRERRORUNKNOWN"
    ITEMS_TAKEN = "ITEMSTAKEN"
    ITEMS_LEFT = "ITEMSLEFT"
    TOKEN = "INVALIDTOKEN"  # noqa: S105 - of XFS4IoT's end-to-end security
