"""What a validator finds wrong reaches the person as its own sentence, ready to be translated."""

from decimal import Decimal
from typing import Annotated

import pytest

from backend.kernel.calculators import NUMBER, AreaCode, Ask
from backend.kernel.sentences import Invalid, read


class Given(Ask):
    area: AreaCode
    wage: Annotated[Decimal, NUMBER]


def test_a_validators_sentence_keeps_its_template_and_facts() -> None:
    with pytest.raises(Invalid) as refused:
        read(Given, {"area": "999999", "wage": True})
    assert refused.value.fields["area"] == "代码 999999 不在《行政区划代码》里，请从列表里选择"
    template, facts = refused.value.problems["area"]
    assert template == "代码 {code} 不在《{table}》里，请从列表里选择"
    assert (facts["code"], facts["table"]) == ("999999", "行政区划代码")
    assert refused.value.fields["wage"] == "“wage”应该是数字"
