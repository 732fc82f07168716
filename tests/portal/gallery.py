"""Gallery: every component on one page, behind the portal's own guard; only tests show it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from jinja2 import ChoiceLoader, FileSystemLoader
from pydantic import BaseModel, Field, SecretStr

from backend.kernel.calculators import Age, AmountsOfYear, AreaCode, MonthOrDay, MonthText, Wage
from backend.kernel.errors import Refusal
from backend.kernel.rules import Step
from backend.payout.schema import BankFileRead
from portal import app as portal_app
from portal import charts
from portal.forms import Form, Typed
from portal.guard import Guard
from portal.pages import choices
from portal.reading import lines
from portal.render import env, page

STATIC = Path(portal_app.__file__).parent / "static"
ERRORS = (403, 404, 409, 410, 413, 422, 429, 500)


class Everything(BaseModel):
    """One field of each kind."""

    ident: str = Field(
        title="公民身份号码",
        pattern=r"^\d{17}[\dX]$",
        examples=["11010519491231002X"],
        json_schema_extra={"widget": "ident"},
    )
    phone: str | None = Field(default=None, title="联系电话", description="不写就用登记的电话")
    birth: MonthOrDay = Field(title="出生年月")
    retired: MonthText = Field(title="退休年月")
    started: date = Field(title="入职日期")
    wage: Wage = Field(title="计发基数（元/月）")
    amount_fen: int = Field(title="金额（元）", gt=0, json_schema_extra={"widget": "amount"})
    index: Decimal = Field(title="平均缴费指数", description="一般在 0.6 到 3 之间", examples=["0.8219"])
    months: int | None = Field(default=None, title="缴费月数", ge=0, le=960)
    area: AreaCode
    education: str = Field(default="90", title="文化程度", json_schema_extra={"widget": "code:education"})
    sex: Literal["male", "female"] = Field(
        title="性别", json_schema_extra={"labels": {"male": "男", "female": "女"}}
    )
    forwarded: bool = Field(default=False, title="转发的招聘信息")
    age: Age = Field(title="退休时的年龄")
    monthly: AmountsOfYear = Field(title="每月记入（元）")
    work: str = Field(title="工作内容", min_length=4, json_schema_extra={"widget": "textarea"})
    password: SecretStr = Field(title="密码")
    notes: Annotated[str, Field(title="文件", json_schema_extra={"widget": "file"})] = ""


ANSWER = BankFileRead(file=7, paid=3, paid_fen=1_056_486, returned=0, returned_fen=0, pending=0, already=0)


class Shown(Refusal):
    """这是给人看的一句话：发生了什么，可以怎么办。"""


def pictures() -> dict[str, charts.Picture]:
    years = [str(year) for year in range(2006, 2027)]
    grown = [320_000 * (one + 1) ** 2 / 100 + 0.25 for one in range(len(years))]
    names = ["浦东新区", "闵行区", "宝山区", "长宁区"]
    return {
        "steps": charts.steps("个人账户逐年的年末金额", years, grown, "元"),
        "bars": charts.bars("每年缴费月数", years, [12] * 20 + [10], "个月"),
        "line": charts.line("求人倍率", ["1月", "2月", "3月", "4月"], [1.02, 1.31, 0.96, 1.46], ""),
        "rows": charts.rows("各区在招职位数", names, [12_480, 8_300, 3_051, 12], ""),
        "moments": charts.moments(
            "什么时候能退休",
            ["今天", "最早可以退休", "法定退休", "最晚可以退休"],
            [date(2026, 11, 24), date(2046, 6, 21), date(2049, 6, 21), date(2052, 6, 21)],
            ["2026年11月24日", "2046年6月21日", "2049年6月21日", "2052年6月21日"],
            (date(2046, 6, 21), date(2052, 6, 21)),
        ),
    }


def create() -> FastAPI:
    app = FastAPI()
    env.loader = ChoiceLoader(
        [
            FileSystemLoader(Path(portal_app.__file__).parent / "templates"),
            FileSystemLoader(Path(__file__).parent / "templates"),
        ]
    )
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(choices.router)
    app.add_exception_handler(Refusal, portal_app.answer)
    app.add_middleware(Guard, answer=portal_app.answer)

    def show(request: Request, form: Form[Everything], status: int = 200, done: bool = False) -> Response:
        steps = [
            Step(
                name="基础养老金",
                formula="(12434 + 9947.20) ÷ 2 × 30 × 1%",
                value="3357.18",
                law="国发〔2005〕38号 第六条",
            ),
            Step(
                name="个人账户养老金", formula="82340.15 ÷ 139", value="592.38", law="国发〔2005〕38号 附件"
            ),
        ]
        return page(
            request,
            "gallery.html",
            status,
            form=form,
            done=done,
            steps=steps,
            pictures=pictures(),
            lines=lines(ANSWER),
        )

    @app.get("/")
    def gallery(request: Request) -> Response:
        return show(request, Form(Everything))

    @app.post("/")
    def send(request: Request, typed: Typed) -> Response:
        if "draft" in typed:
            raise Shown
        form = Form(Everything, typed)
        given = form.parse()
        return show(request, form, status=200 if given else 422, done=given is not None)

    @app.get("/errors/{status}")
    def error(request: Request, status: int) -> Response:
        if status == 500:
            raise RuntimeError("a bug")
        raise type("Shown", (Shown,), {"__doc__": Shown.__doc__, "status": status})()

    return app
