"""Why a bank file is refused. What comes back is booked whole or not at all: mend it and send it again."""

from __future__ import annotations

from backend.kernel.errors import Refusal


class NothingToSend(Refusal):
    """批次 {batch} 里没有等待银行发放的人，可能文件已经做过了。"""


class UnwritableCell(Refusal):
    """流水号 {line} 的开户银行、账号或者户名里有这种文件不能写的字，没有做成文件，请先更正领取账户。"""


class UnknownLine(Refusal):
    """回盘第 {no} 行的流水号不在报盘文件 {file} 里，文件没有登记，请和银行核对。"""

    status = 422


class BadLine(Refusal):
    """回盘第 {no} 行的格式不对，每行应该有 {least} 到 {most} 栏，流水号、结果不能空，金额写到分；文件没有登记。"""

    status = 422


class BadResult(Refusal):
    """回盘第 {no} 行的结果 {code} 不在《{table}》里，文件没有登记，请和银行核对。"""

    status = 422


class FormulaCell(Refusal):
    """回盘第 {no} 行有一格以公式符号开头，文件没有登记，请让银行更正后再读入。"""

    status = 422


class LineTwice(Refusal):
    """回盘第 {no} 行的流水号在文件里出现了两次，文件没有登记，请和银行核对。"""

    status = 422


class AmountDiffers(Refusal):
    """回盘第 {no} 行的金额和报盘文件 {file} 里的不一样，文件没有登记，请和银行核对。"""

    status = 422


class OtherFile(Refusal):
    """这是另一份报盘文件（{named}）的回盘，不是报盘文件 {file} 的，没有登记，请核对文件号。"""

    status = 422


class TotalsDiffer(Refusal):
    """回盘文件写的是 {said}，实际是 {found}，文件可能不完整，没有登记，请重新取一次。"""

    status = 422


class MarkMissing(Refusal):
    """回盘文件应该有一行以 {mark} 开头写笔数和合计，没有找到，文件可能不完整，没有登记，请重新取一次。"""

    status = 422


class WrongMessage(Refusal):
    """回盘文件不是这家银行的格式，应该是 {expected}，没有登记，请核对文件。"""

    status = 422


class NotValid(Refusal):
    """回盘文件第 {no} 行的 {element} 不符合 {message} 的规定，没有登记，请让银行更正后再读入。"""

    status = 422


class EntityInside(Refusal):
    """回盘文件里有文档类型声明，为了安全不能读入，请让银行去掉后再发一次。"""

    status = 422
