"""The forms of bank files: columns by profile with control totals, and ISO 20022 by the standard's own schemas."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

import pytest
from lxml import etree
from sqlalchemy import select, update

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.language import EN
from backend.kernel.telling import said
from backend.payout import service as payout
from backend.payout.bankfiles import iso20022, refusals
from backend.payout.bankfiles.profiles import Iso, NoProfile, profile, profiles
from backend.payout.model import BankLine, Payable
from backend.payout.schema import PROFILES, BankFileRead, BankFileView, MakeBankFile, ReadBankFile
from backend.payout.schema import Profile as Named
from backend.registry.model import BankAccount
from tests.backend.payout.books import agree
from tests.backend.payout.city import AMOUNT, GOOD_BANK, a_retiree, fund
from tests.backend.people import LI, ZHANG

OTHER_CODE = "310000D156000005" + "00112233445566BB"
SPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
Send = Callable[[str], BankFileView]


@pytest.fixture
def two(run: Runner) -> Send:
    """Two pensioners who are paid by bank every month, in one batch of two runs; sent in one form."""
    fund(run)
    a_retiree(run, ZHANG)
    a_retiree(run, LI, card_no="31A000027", code=OTHER_CODE)
    run.system(lambda uow: uow.session.execute(update(BankAccount).values(standing=True)))
    # both in the first batch, as a month of a city has them
    batches = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches

    def send(form: str) -> BankFileView:
        return run.system(
            payout.make_bank_file,
            MakeBankFile(batch=batches[-1].batch, profile=form),  # type: ignore[arg-type]
        )

    return send


def content(run: Runner, sent: BankFileView) -> bytes:
    return run.system(files.fetch, sent.sent).content


def keys(run: Runner, sent: BankFileView) -> list[str]:
    return run.system(
        lambda uow: list(
            uow.session.scalars(select(BankLine.end_to_end).where(BankLine.file_id == sent.file))
        )
    )


def back(run: Runner, sent: BankFileView, text: str | bytes) -> BankFileRead:
    given = text.encode() if isinstance(text, str) else text
    kept = run.system(files.keep, name="回盘.txt", content=given, may=Permission.PAYOUT_READ)
    return run.system(payout.read_bank_file, ReadBankFile(file=sent.file, returned=kept.file))


def states(run: Runner) -> list[str]:
    return run.system(lambda uow: sorted(uow.session.scalars(select(Payable.state))))


def test_the_form_at_the_counter_offers_the_banks_that_there_are() -> None:
    assert set(get_args(Named)) == set(PROFILES) == set(profiles())
    assert {key: one.name for key, one in profiles().items()} == PROFILES
    with pytest.raises(NoProfile, match="plain、counted、iso20022"):
        profile("swift")


def test_every_result_of_a_bank_is_a_code_of_ours() -> None:
    ours = {"00", "01", "02", "03", "04", "09", "90"}
    for one in profiles().values():
        assert set(one.results.values()) <= ours
        assert not isinstance(one, Iso) or set(one.reasons.values()) <= ours


# ---- columns by profile ----


def test_columns_and_totals_stand_where_the_profile_says(run: Runner, two: Send) -> None:
    sent = two("counted")
    line, tail = content(run, sent).decode("gb18030").splitlines()
    assert line.split(",")[1:] == [GOOD_BANK, "张秀䶮", "3847.52", "示例银行"]
    assert tail == f"T,{sent.file},1,3847.52"


def test_a_counted_file_that_comes_back_is_booked(run: Runner, two: Send) -> None:
    sent = two("counted")
    [key] = keys(run, sent)
    read = back(run, sent, f"{key},3847.52,1003,\nT,{sent.file},1,3847.52\n")
    assert (read.paid, read.returned, read.returned_fen) == (0, 1, AMOUNT)
    assert run.system(lambda uow: uow.session.get_one(BankLine, key).code) == "03"
    assert run.system(lambda uow: uow.session.get_one(BankLine, key).reason) == "账户已经销户"
    assert agree(run)


@pytest.mark.parametrize(
    ("text", "refusal", "said_so"),
    [
        ("{key},3847.52,0000\n", refusals.MarkMissing, "以 T 开头"),
        ("{key},3847.52,0000\nT,{file},2,3847.52\n", refusals.TotalsDiffer, "写的是 2，实际是 1"),
        ("{key},3847.52,0000\nT,{file},1,3847.51\n", refusals.TotalsDiffer, "3847.51"),
        ("{key},3847.52,0000\nT,{other},1,3847.52\n", refusals.OtherFile, "另一份报盘文件"),
        ("{key},3847.51,0000\nT,{file},1,3847.52\n", refusals.AmountDiffers, "第 1 行"),
        ("{key},38.475,0000\nT,{file},1,3847.52\n", refusals.BadLine, "第 1 行"),
        ("\n{key},3847.52\nT,{file},1,3847.52\n", refusals.BadLine, "第 2 行"),
        ("{key},3847.52,00\nT,{file},1,3847.52\n", refusals.BadResult, "结果 00"),
        ("{key},3847.52,9999,=cmd|'/c calc'!A0\nT,{file},1,3847.52\n", refusals.FormulaCell, "公式"),
        ("{key},3847.52,0000\n{key},3847.52,0000\nT,{file},2,7695.04\n", refusals.LineTwice, "第 2 行"),
        ("F9P9,3847.52,0000\nT,{file},0,0.00\n", refusals.TotalsDiffer, "实际是 1"),
        ("{key},3847.52,0000\nT,{file},1\n", refusals.BadLine, "第 2 行"),
    ],
)
def test_what_is_wrong_is_refused_whole_with_its_line_and_can_be_mended(
    run: Runner, two: Send, text: str, refusal: type[Refusal], said_so: str
) -> None:
    sent = two("counted")
    [key] = keys(run, sent)
    with pytest.raises(refusal, match=said_so) as refused:
        back(run, sent, text.format(key=key, file=sent.file, other=sent.file + 1))
    assert not re.search("[\u4e00-\u9fff]", said(refused.value, EN).replace("银行回盘结果代码", ""))
    assert states(run) == ["at_bank", "payable"]
    assert back(run, sent, f"{key},3847.52,0000\nT,{sent.file},1,3847.52\n").paid == 1
    assert agree(run)


def test_a_plain_file_may_come_back_with_our_own_head(run: Runner, two: Send) -> None:
    sent = two("plain")
    [key] = keys(run, sent)
    head = content(run, sent).decode("gb18030").splitlines()[0]
    with pytest.raises(refusals.TotalsDiffer):
        back(run, sent, f"{head}\n".replace("|1|", "|2|") + f"{key}|00\n")
    assert back(run, sent, f"{head}\r\n {key} | 00 | \\N \r\n\r\n").paid == 1
    assert agree(run)


def test_a_file_cut_in_the_middle_of_a_character_is_no_text(run: Runner, two: Send) -> None:
    sent = two("plain")
    [key] = keys(run, sent)
    with pytest.raises(Refusal, match="读不懂"):
        back(run, sent, f"{key}|01|账号不存在".encode("gb18030")[:-1])
    with pytest.raises(Refusal, match="读不懂"):
        back(run, sent, f"{key}|00|\x01\n")
    assert states(run) == ["at_bank", "payable"]


def test_a_batch_too_large_for_one_file_goes_into_several(
    run: Runner, two: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = profile("plain")
    monkeypatch.setitem(profiles(), "plain", type(small)(**{**vars(small), "most": 1}))
    run.system(lambda uow: uow.session.execute(update(Payable).values(state="payable")))
    assert two("plain").n == 1


def test_a_cell_that_would_end_itself_or_be_a_formula_is_not_written(run: Runner, two: Send) -> None:
    for holder in ("张,秀", "=张秀", "张\n秀"):
        run.system(lambda uow, holder=holder: uow.session.execute(update(BankAccount).values(holder=holder)))
        with pytest.raises(refusals.UnwritableCell, match="流水号 F"):
            two("counted")
    assert states(run) == ["payable", "payable"]


# ---- ISO 20022 ----


def report(sent: BankFileView, inside: str, group: str = "", message: str = SPACE, **named: str) -> str:
    about = named.get("about", f"RS{sent.file:010d}")
    space = f"<Document xmlns='{message}'>"
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n{named.get('before', '')}{space}\n<CstmrPmtStsRpt><GrpHdr>"
        "<MsgId>B1</MsgId><CreDtTm>2026-11-24T10:00:00</CreDtTm></GrpHdr>\n<OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{about}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}"
        f"</OrgnlGrpInfAndSts>\n{inside}</CstmrPmtStsRpt></Document>"
    )


def payment(sent: BankFileView, *transactions: str, status: str = "") -> str:
    told = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>RS{sent.file:010d}</OrgnlPmtInfId>{told}"
        + "\n".join(transactions)
        + "</OrgnlPmtInfAndSts>"
    )


def transaction(key: str, status: str, reason: str = "", amount: str = "", why: str = "") -> str:
    told = f"<AddtlInf>{why}</AddtlInf>" if why else ""
    because = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn>{told}</StsRsnInf>" if reason else ""
    worth = f"<OrgnlTxRef><Amt><InstdAmt Ccy='CNY'>{amount}</InstdAmt></Amt></OrgnlTxRef>" if amount else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId><TxSts>{status}</TxSts>{because}{worth}</TxInfAndSts>"


def test_what_goes_out_is_valid_and_keeps_counts_sums_and_numbers(run: Runner, two: Send) -> None:
    sent = two("iso20022")
    [key] = keys(run, sent)
    document = etree.fromstring(content(run, sent))
    assert iso20022.schema("pain.001.001.09").validate(document)
    space = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
    said_there = {
        path: [one.text for one in document.iterfind(f".//p:{path}", space)]
        for path in ("NbOfTxs", "CtrlSum", "EndToEndId", "InstdAmt")
    }
    assert said_there == {
        "NbOfTxs": ["1", "1"],
        "CtrlSum": ["3847.52", "3847.52"],
        "EndToEndId": [key],
        "InstdAmt": ["3847.52"],
    }
    assert document.find(".//p:Cdtr/p:Nm", space).text == "张秀䶮"
    assert document.find(".//p:InstdAmt", space).get("Ccy") == "CNY"


@pytest.mark.parametrize(
    ("status", "reason", "expected", "code"),
    [
        ("ACSC", "", "paid", ""),  # with its file: it has no code of its own
        ("RJCT", "AC04", "payable", "03"),
        ("RJCT", "BE01", "payable", "02"),
        ("RJCT", "AM09", "payable", "09"),
        ("RJCT", "AM05", "at_bank", ""),  # a duplicate: what became of the first is still to be told
        ("ACSP", "", "at_bank", ""),
        ("PDNG", "", "at_bank", ""),
    ],
)
def test_a_transaction_is_booked_by_its_status_and_reason(
    run: Runner, two: Send, status: str, reason: str, expected: str, code: str
) -> None:
    sent = two("iso20022")
    [key] = keys(run, sent)
    told = payment(sent, transaction(key, status, reason, "3847.52", "说明"))
    back(run, sent, report(sent, told, "<GrpSts>PART</GrpSts>"))
    assert states(run) == sorted([expected, "payable"])
    assert run.system(lambda uow: uow.session.get_one(BankLine, key).code) == code
    assert agree(run)


@pytest.mark.parametrize(
    ("group", "inside", "expected"),
    [
        ("ACSC", "", "paid"),
        ("RJCT", "", "payable"),
        ("ACCP", "", "at_bank"),
        ("PART", "", "at_bank"),
        ("PART", "ACSC", "paid"),
        ("ACSC", "PDNG", "at_bank"),
    ],
    ids=str,
)
def test_what_is_not_named_follows_the_payment_else_the_group(
    run: Runner, two: Send, group: str, inside: str, expected: str
) -> None:
    sent = two("iso20022")
    told = payment(sent, status=inside) if inside else ""
    back(run, sent, report(sent, told, f"<GrpSts>{group}</GrpSts>"))
    assert states(run) == sorted([expected, "payable"])
    assert agree(run)


def test_the_older_message_is_heard_too(run: Runner, two: Send) -> None:
    sent = two("iso20022")
    [key] = keys(run, sent)
    told = report(
        sent,
        payment(sent, transaction(key, "ACSC")),
        message="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03",
    )
    assert back(run, sent, told).paid == 1


BOMB = "<!DOCTYPE Document [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"


@pytest.mark.parametrize(
    ("made", "refusal"),
    [
        (lambda s, k: report(s, payment(s, transaction(k, "ACSC")), about="RS0"), refusals.OtherFile),
        (
            lambda s, k: report(s, payment(s, transaction(k, "ACSC")), "<OrgnlCtrlSum>1</OrgnlCtrlSum>"),
            refusals.TotalsDiffer,
        ),
        (
            lambda s, k: report(s, payment(s, transaction(k, "ACSC")), "<OrgnlNbOfTxs>2</OrgnlNbOfTxs>"),
            refusals.TotalsDiffer,
        ),
        (
            lambda s, k: report(
                s,
                payment(s, transaction(k, "ACSC")),
                "<NbOfTxsPerSts><DtldNbOfTxs>2</DtldNbOfTxs><DtldSts>ACSC</DtldSts></NbOfTxsPerSts>",
            ),
            refusals.TotalsDiffer,
        ),
        (
            lambda s, k: report(s, payment(s, transaction(k, "ACSC"), transaction(k, "ACSC"))),
            refusals.LineTwice,
        ),
        (lambda s, k: report(s, payment(s, transaction("F9P9", "ACSC"))), refusals.UnknownLine),
        (lambda s, k: report(s, payment(s, transaction(k, "ACSC", amount="1"))), refusals.AmountDiffers),
        (
            lambda s, k: report(s, payment(s, transaction(k, "ACSC", amount="3847.521"))),
            refusals.AmountDiffers,
        ),
        (lambda s, k: report(s, payment(s, transaction(k, "ABCD"))), refusals.BadResult),
        (lambda s, k: report(s, payment(s, "<TxInfAndSts><Odd/></TxInfAndSts>")), refusals.NotValid),
        (lambda s, k: report(s, payment(s, transaction(k, "ACSC")))[:-30], refusals.NotValid),
        (
            lambda s, k: report(s, payment(s, transaction(k, "ACSC")), message="urn:other"),
            refusals.WrongMessage,
        ),
        (lambda s, k: report(s, payment(s, transaction("&c;", "ACSC")), before=BOMB), refusals.EntityInside),
        (lambda s, k: f"{k}|00|\n", refusals.NotValid),
        (lambda s, k: b"PK\x03\x04" + b"\0" * 40, refusals.NotValid),
        (
            lambda s, k: report(s, payment(s, transaction(k, "ACSC"))).encode().replace(b"B1", b"B\xff"),
            refusals.NotValid,
        ),
    ],
)
def test_a_report_that_is_not_whole_ours_and_valid_moves_nothing(
    run: Runner, two: Send, made: Callable[[BankFileView, str], str | bytes], refusal: type[Refusal]
) -> None:
    sent = two("iso20022")
    [key] = keys(run, sent)
    with pytest.raises(refusal) as refused:
        back(run, sent, made(sent, key))
    assert not re.search("[\u4e00-\u9fff]", said(refused.value, EN).replace("银行回盘结果代码", ""))
    assert states(run) == ["at_bank", "payable"]
    assert agree(run)


def test_what_the_parser_finds_is_told_with_line_and_element(run: Runner, two: Send) -> None:
    sent = two("iso20022")
    with pytest.raises(refusals.NotValid, match=r"第 6 行的 Odd 不符合 pain.002.001.12"):
        back(run, sent, report(sent, payment(sent, "\n<TxInfAndSts><Odd/></TxInfAndSts>")))
