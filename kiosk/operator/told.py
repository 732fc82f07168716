"""Told: what the operator's page answers — a class each, its docstring the sentence that is read."""

from __future__ import annotations

from backend.kernel.errors import Told


class SomebodyThere(Told):
    """有人正在办理，或者卡口里有卡，操作员页打不开。请等这位办完、取卡以后再试。"""


class NotAdmitted(Told):
    """工号或者操作码不对，或者没有登记为操作员。还可以试 {left} 次，输错五次要等十五分钟。"""


class CardNotAdmitted(Told):
    """这张卡的持卡人没有登记为操作员。请在柜台“设定我的自助机操作码”里登记自己的卡，或者用工号和操作码。"""


class PinOnPadOnly(Told):
    """这台机器装了密码键盘，卡的密码不能在这里输。请用工号和操作码进入。"""


class LocalCodeWrong(Told):
    """网络不通，只能用本机操作码进入；输入的不是本机操作码。还可以试 {left} 次。"""


class NoLocalCode(Told):
    """网络不通，这台机器也没有设本机操作码（renshe-kiosk code），现在进不去。"""


class CodeLocked(Told):
    """操作码输错太多次，请十五分钟以后再试。"""


class CodeUnfit(Told):
    """本机操作码要六到十二位数字，不能是同一个数字。请换一个。"""


class LineNeeded(Told):
    """这一步要后台核对，现在是用本机操作码进入的。请等网络恢复，用自己的工号和操作码重新进入。"""


class SecondWrong(Told):
    """另一名操作员的工号或者操作码不对，没有办。还可以试 {left} 次。"""


class SecondNeeded(Told):
    """现金要两个人一起办。请另一名操作员输入自己的工号和操作码。"""


class CloseFirst(Told):
    """先停用本机，再动现金。"""


class ClosedNow(Told):
    """本机已停用：{reason}"""


class OpenNow(Told):
    """本机已恢复服务。"""


class NotTrusted(Told):
    """停用已经取消，但是后台不认这台机器，还不能服务。请联系经办机构。"""


class StillStopped(Told):
    """停用已经取消，但是这台机器因为故障停着，还不能服务。请重新启动它。"""


class OfficeHolds(Told):
    """本机是经办机构远程停用的，要由经办机构恢复。"""


class TestedWell(Told):
    """自检完成：{found}。没有点钞。"""


class BagIn(Told):
    """封包 {bag} 已装入，共 {amount} 元。"""


class BagUnknown(Told):
    """没有这个待装的封包，请刷新以后再看。"""


class NotesWrong(Told):
    """张数、金额要写数字，没有办。请改好再办。"""


class CountAgrees(Told):
    """清点 {counted} 元，账实相符。清点号 {count}。"""


class CountOver(Told):
    """清点 {counted} 元，比账面多 {off} 元。已登记为长款，清点号 {count}，由两人在柜台处理。"""


class CountShort(Told):
    """清点 {counted} 元，比账面少 {off} 元。已登记为短款，清点号 {count}，由两人在柜台处理。"""


class TakenNow(Told):
    """已取出 {amount} 元，回库单 {sheet}。"""


class NotSoMuch(Told):
    """机内没有这么多这种面额，没有办。请核对张数。"""


class DispenserSilent(Told):
    """出钞机没有回答，不知道机内有多少，没有办。请先处理出钞机；里面的现金可以在柜台登记清点（KSK-46）。"""


class DoneAlready(Told):
    """这一单（{sheet}）刚才已经办好，没有再办。"""


class DeviceRefused(Told):
    """出钞机没有照办。账上已经登记，请马上清点。"""


class DeedUnanswered(Told):
    """后台没有回答，不知道登记了没有。现金先放好，不要再动；等网络恢复，按同样的内容再办一次，不会重复登记。"""


class DeedOpen(Told):
    """上一次取出 {amount} 元（回库单 {sheet}：{notes}）还不知道登记了没有。请先按那一次的张数再办一次，不会重复登记。"""


class BagOpen(Told):
    """封包 {bag}（加钞单 {sheet}）还不知道登记了没有。请先把它再办一次，不会重复登记。"""


class CountOpen(Told):
    """上一次清点（{sheet}）还不知道登记了没有。请先按那一次的数再登记一次，不会重复登记；数已经变了的，按现在的数登记。"""


class NothingWritten(Told):
    """没有写取出多少张，没有办。请写各面额的张数。"""


class DeedsDamaged(Told):
    """记着现金登记的文件 {file} 读不出来。请先在柜台核对这台自助机的现金，再删掉这个文件。"""


class DeskSlow(Told):
    """机器正忙，这一步还没有做完。请过一分钟再办；动过现金的，按同样的内容再办一次，不会重复登记。"""


class WorkNeeded(Told):
    """网络是通的，请输入工号和自己的操作码；本机操作码只在网络不通时用。"""


class DiskTrouble(Told):
    """这台机器的硬盘写不进、读不出，不知道办成了没有。现金先放好，请联系维护人员。"""


class Printed(Told):
    """日结单已打印。"""


class NotPrinted(Told):
    """打印机没有打出来，请检查纸和打印机。"""


class ReprintNothing(Told):
    """没有等着补打的回单。"""


class Reprinted(Told):
    """补打了 {n} 张回单。"""
