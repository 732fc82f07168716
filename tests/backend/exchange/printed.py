"""The instances of appendix B, read for the tests, and the XML that the standard prints around them."""

from __future__ import annotations

from pathlib import Path

import yaml

from backend.exchange.standard import NAMESPACE

TOLD = yaml.load((Path(__file__).parent / "cases/samples.yaml").read_text("utf-8"), yaml.BaseLoader)
Fields = tuple[tuple[str, str], ...]
# appendix A.10, B.1–B.9: root element → its tables
ROOTS = {
    "单位信息": (1,),
    "人员信息": (2, 3),
    "参保信息": (4, 5, 6, 7),
    "单位缴费": (8, 9),
    "人员缴费": (10, 11, 12),
    "待遇支付": (13,),
    "变更转移": (14, 15),
    "参数信息": (16, 17),
    "财务信息": (18, 19, 20),
}
# table 21
NAMES = {
    1: "养老保险单位基本信息表",
    2: "养老保险个人基本信息表",
    3: "养老保险死亡人员信息表",
    4: "养老保险人员参保信息表",
    5: "养老保险离退休人员基本信息表",
    6: "养老保险个人账户明细表",
    7: "养老保险人员转移信息表",
    8: "职工基本养老保险单位征缴明细表",
    9: "机关事业单位养老保险单位征缴明细表",
    10: "城乡居民基本养老保险个人征缴明细表",
    11: "职工基本养老保险个人征缴明细表",
    12: "机关事业单位养老保险个人征缴明细表",
    13: "养老保险待遇支付明细表",
    14: "养老保险单位变更信息表",
    15: "养老保险人员参保情况变更信息表",
    16: "参数表",
    17: "养老待遇类型表",
    18: "会计科目表",
    19: "科目余额表",
    20: "凭证明细表",
}


def sample(number: int) -> Fields:
    lines = (TOLD["head"] + TOLD[str(number)]).splitlines()
    return tuple((name, text) for name, _, text in (line.partition(" ") for line in lines))


def document(root: str, records: dict[int, Fields], encoding: str = "GB18030") -> str:
    """As B.1 prints it: declaration, root with its namespaces, one element a record, one a field."""
    inside = "".join(
        f"<{NAMES[number]}>{''.join(f'<{name}>{text}</{name}>' for name, text in fields)}</{NAMES[number]}>\n"
        for number, fields in records.items()
    )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        f'<{root} xsi:schemaLocation="{NAMESPACE} {root}.xsd" xmlns:养老保险基金="{NAMESPACE}"'
        f' xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n{inside}</{root}>\n'
    )


def changed(fields: Fields, name: str, text: str) -> Fields:
    return tuple((one, text if one == name else old) for one, old in fields)
