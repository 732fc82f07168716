"""The public board: a vacancy, similar ones, supply and demand; and what search is told."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from backend.employment.rules import TYPES
from backend.employment.schema.common import Education, Occupation, Type, VacancyNo, labels
from backend.kernel.fields import Shape
from backend.registry.schema import Area


class AskVacancy(Shape):
    """按编号看一个职位。"""

    vacancy: VacancyNo


class VacancyView(Shape):
    """一个职位的公开信息。"""

    vacancy: str = Field(title="职位编号")
    title: str = Field(title="职位名称")
    employer: str = Field(title="单位")
    occupation: str
    occupation_name: str = Field(title="职业")
    type: str
    type_name: str = Field(title="用工形式")
    headcount: int = Field(title="招聘人数")
    hired: int = Field(title="已录用")
    area: str
    area_name: str = Field(title="地区")
    address: str = Field(title="工作地点")
    work: str = Field(title="工作内容")
    conditions: str = Field(title="招聘条件")
    education: str
    education_name: str = Field(title="最低学历")
    experience_years: int = Field(title="工作经验（年）")
    pay: str = Field(title="工资")
    pay_unit: str = Field(title="工资单位")
    pay_min_fen: int = Field(title="工资下限（分）")
    pay_max_fen: int = Field(title="工资上限（分）")
    salary_min_fen: int = Field(title="折合月工资下限（分）")
    salary_max_fen: int = Field(title="折合月工资上限（分）")
    benefits: str = Field(title="福利待遇")
    contact: str = Field(title="联系人")
    phone: str = Field(title="联系电话")
    source: str = Field(title="信息来源")
    status: str
    status_name: str = Field(title="状态")
    first_published: datetime | None = Field(title="首次发布")
    valid_until: date = Field(title="有效期至")
    refreshed: tuple[date, ...] = Field(title="刷新")
    applicants: int = Field(title="申请数")
    applicants_per_opening: str = Field(title="平均每个名额的申请")
    response_hours: int | None = Field(title="单位通常答复（小时）")


class AskSimilar(Shape):
    """和一个职位相似的职位。"""

    vacancy: VacancyNo
    limit: int = Field(default=6, ge=1, le=20, title="几个")


class SimilarRow(Shape):
    vacancy: str
    title: str
    employer: str
    area_name: str
    pay: str
    first_published: datetime


class Similar(Shape):
    vacancies: tuple[SimilarRow, ...]


class AskFigures(Shape):
    """供求情况。不写条件就是全部。"""

    area: Area | None = Field(default=None, title="地区")
    occupation: Occupation | None = Field(default=None, title="职业")
    education: Education | None = Field(default=None, title="最低学历")
    type: Type | None = Field(default=None, title="用工形式", json_schema_extra=labels(TYPES))


class Figures(Shape):
    """人力资源供求。求人倍率 = 需求人数 ÷ 求职人数，没有求职的人时不算。"""

    open_vacancies: int = Field(title="招聘中的职位")
    persons_wanted: int = Field(title="需求人数", description="招聘中职位的招聘人数减去已录用人数")
    applicants: int = Field(title="申请数", description="对这些职位的申请，不含已撤回的")
    seekers: int = Field(
        title="求职人数",
        description="申请过这些职位、还没有结果的人，一个人只算一次；不含只登记、没有申请的人",
    )
    demand_ratio: str | None = Field(title="求人倍率")
    on: date = Field(title="统计日期")


class Change(Shape):
    """A vacancy to look at again."""

    id: int
    vacancy: str


class VacancyDoc(Shape):
    """What search needs of an open vacancy."""

    vacancy: str
    title: str
    employer: str
    work: str
    conditions: str
    benefits: str
    area: str
    occupation: str
    salary_min_fen: int
    salary_max_fen: int
    education: int  # SCHOOLING: grows with schooling, 0 for none asked
    type: str
    openings: int
    applicants: int
    published: date
    valid_until: date
