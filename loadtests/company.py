"""Company: an employer's personnel who post vacancies and look at who applied."""

from __future__ import annotations

import random
from itertools import count
from typing import Any

from locust import between, task

from loadtests.signing import SignedIn
from loadtests.told import in_a_month, told

NUMBERS = count(1)
TRADES = (
    ("数控车床操作工", "6-18-01-01", "操作数控车床加工零件，检验尺寸，做好设备日常保养。每天八小时，双休。"),
    ("仓库管理员", "4-02-06-01", "负责仓库收发货和盘点，登记台账，保持库区整洁。每天八小时，双休。"),
    ("餐厅服务员", "4-03-02-05", "迎接客人、点餐、上菜，保持餐厅整洁。每天八小时，每周休息两天。"),
)


class Company(SignedIn):
    """Own vacancies, a new one, its page with the applicants."""

    weight = 1
    wait_time = between(1.0, 3.0)
    who = "单位"

    def login(self) -> str:
        self.about: dict[str, Any] = next(told().employers)
        return str(self.about["uscc"])

    @task(2)
    def own(self) -> None:
        self.client.get("/employer", name="单位 我的岗位")

    @task(2)
    def post(self) -> None:
        title, occupation, work = random.choice(TRADES)
        self.client.get("/employer/vacancies/new", name="单位 发布岗位表单")
        self.client.get("/employer/occupations", params={"title": title}, name="单位 职业建议")
        advert = {
            "title": f"{title}（{next(NUMBERS)}号线）",
            "occupation": occupation,
            "type": "full",
            "headcount": "2",
            "area": self.about["area"],
            "address": self.about["address"],
            "work": work,
            "education": "90",
            "experience_years": "0",
            "pay_unit": "month",
            "pay_min": "7000",
            "pay_max": "9500",
            "contact": self.about["contact"],
            "phone": self.about["phone"],
            "valid_until": in_a_month(),
        }
        with self.client.post(
            "/employer/vacancies/new",
            data=advert,
            name="单位 发布岗位",
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            if answer.status_code != 303:
                answer.failure(f"发布得到 {answer.status_code}")
                return
            answer.success()
        self.client.get(answer.headers["location"], name="单位 岗位和申请人")
