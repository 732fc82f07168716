"""What may be refused about a card: what happened, what is safe, what to do."""

from __future__ import annotations

from backend.kernel.errors import Refusal


class AlreadyApplied(Refusal):
    """{name}已经有一份申领在办（{no}，{state}），没有再登记。要改内容，请先撤销那一份。"""


class HasCard(Refusal):
    """{name}已经有社会保障卡（尾号 {tail}，{status}），不能作首次申领。丢了请选“遗失补卡”，坏了请选“损坏换卡”。"""


class LossFirst(Refusal):
    """尾号 {tail} 的社会保障卡现在是“{status}”，补卡以前请先正式挂失，免得别人拿着用。"""


class NothingToReplace(Refusal):
    """{name}没有可以换的社会保障卡。没有卡请选“首次申领”，丢了请选“遗失补卡”。"""


class NotExpiring(Refusal):
    """尾号 {tail} 的社会保障卡到 {expires} 才到期，到期以前 {days} 天内才能作到期换卡。坏了请选“损坏换卡”。"""


class PhotoMissing(Refusal):
    """还没有照片。请交一张近期的免冠照片（JPG）；以前交过照片的可以不再交。"""

    status = 422


class PhotoNot(Refusal):
    """交来的文件不是 JPG 照片，没有登记。请换一张用相机或者手机拍的照片。"""

    status = 422


class PhotoSmall(Refusal):
    """照片太小：宽 {width}、高 {height} 像素，至少要宽 {least_width}、高 {least_height} 像素。请换一张清楚的竖幅照片。"""

    status = 422


class PhotoLying(Refusal):
    """照片是横的，请交竖幅的免冠照片。"""

    status = 422


class PhotoHeavy(Refusal):
    """照片有 {size} KB，最大 {most} KB。请压缩以后再交。"""

    status = 422


class NoApplication(Refusal):
    """没有找到编号 {no} 的申领，请核对编号。"""

    status = 404


class NotWaiting(Refusal):
    """申领 {no} 现在是“{state}”，不能{deed}，没有办理。"""


class ReasonNeeded(Refusal):
    """不同意的，请写明原因，本人要照着改。"""

    status = 422


class FoundAtCounter(Refusal):
    """尾号 {tail} 的社会保障卡已经正式挂失，为了安全，请本人带身份证和找到的卡到柜台解挂。"""


class AnotherComing(Refusal):
    """补卡已经在办（{no}，{state}），旧卡不能再解挂。不想补了，请先撤销申领；已经送去制卡的，请等新卡。"""


class CodeSimple(Refusal):
    """这个服务码太容易被猜到，没有登记。不要用相同、连着的数字，也不要用身份证号码里的数字。"""

    status = 422


class NoCode(Refusal):
    """{name}没有登记电话服务码，不能用电话挂失。请本人登录网站挂失，或者带身份证到柜台办理。"""


class CodeLocked(Refusal):
    """电话服务码已经连续说错 {tries} 次，停用了。请本人登录网站重新登记，或者带身份证到柜台办理；现在要挂失也这样办。"""


class NothingToActivate(Refusal):
    """卡号尾号 {tail} 的社会保障卡不是等着启用的卡（{status}），没有办理。"""


class NotMade(Refusal):
    """{name}没有在办的申领，没有可以发的卡。请先申领。"""


class OtherCard(Refusal):
    """手里的卡（尾号 {given}）不是{name}的新卡，没有发卡。请核对卡面，换一张再读。"""


class AgentUnknown(Refusal):
    """代领的请写明代领人的姓名和证件号码，并附上委托材料。"""

    status = 422


class AgentIsHolder(Refusal):
    """代领人和持卡人是同一个号码。本人来领的，请选“本人领取”。"""

    status = 422


class HolderActivates(Refusal):
    """代领的卡不能当场启用，要本人启用：登录网站、或者带身份证到柜台。"""


class ChallengeUsed(Refusal):
    """这张卡的这个随机数已经授权过一次，没有再授权。请把卡拿出来重新放进读卡器，再办一次。"""


class CardAtRest(Refusal):
    """尾号 {tail} 的社会保障卡现在是“{status}”，不能重置密码。请先解挂，或者申领新卡。"""


class CardKeysOld(Refusal):
    """这张社会保障卡的密钥版本（第 {version} 版）到 {until} 已经停用。您的钱是安全的，请带身份证到柜台换卡。"""


class VersionNotNext(Refusal):
    """下一个密钥版本是第 {next} 版，填的是第 {given} 版，没有登记。"""

    status = 422


class VersionDays(Refusal):
    """旧版本停用的日期要在新版本启用（{since}）以后，没有登记。"""

    status = 422


class NothingToMake(Refusal):
    """{area}没有等着制卡的申领，没有导出。"""


class BlanksShort(Refusal):
    """{place}的空白卡只有 {n} 张，要用 {need} 张，没有办理。请先入库或者调拨。"""


class StockTooLarge(Refusal):
    """{place}的空白卡会超过 {most} 张，数字多半填错了，没有办理。请核对张数。"""

    status = 422


class CountAgrees(Refusal):
    """{place}账上就是 {n} 张，和盘点的一样，不用登记差异。"""


class MovedSinceCount(Refusal):
    """盘点登记以后，{place}的空白卡又收发过，盘点的数对不上现在的账，没有入账。请重新盘点、登记。"""


class SamePlace(Refusal):
    """调出和调入是同一个地方，没有办理。"""

    status = 422


class NoProduction(Refusal):
    """没有找到第 {no} 号制卡批次，请核对批次号。"""

    status = 404


class FileDiffers(Refusal):
    """第 {no} 号制卡批次的文件已经交出，登记信息后来有更正，再写就不一样了，没有写。请用原来的文件；资料改了的，领卡以后换卡。"""


class NotSent(Refusal):
    """第 {no} 号制卡批次现在是“{state}”，不能登记回盘。"""


class BackUnreadable(Refusal):
    """回盘文件第 {line} 行读不懂：要有 {columns} 栏，用竖线分开。什么也没有登记，请制卡厂重新出文件。"""

    status = 422


class BackOther(Refusal):
    """回盘文件写的是第 {named} 号批次，不是第 {no} 号。什么也没有登记。"""

    status = 422


class BackResult(Refusal):
    """回盘文件第 {line} 行的结果“{result}”不是约定的代码。什么也没有登记。"""

    status = 422


class BackStranger(Refusal):
    """回盘文件第 {line} 行的卡号、卡识别码和批次里的不一样。什么也没有登记。"""

    status = 422


class BackTwice(Refusal):
    """回盘文件第 {line} 行的卡号前面已经有了。什么也没有登记。"""

    status = 422


class BackCounts(Refusal):
    """回盘文件的张数不对：批次有 {n} 张，文件里有 {lines} 行，文件自己说成功 {made} 张、失败 {failed} 张。什么也没有登记。"""

    status = 422
