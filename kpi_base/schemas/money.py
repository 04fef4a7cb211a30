"""Amounts, rates and numbers over REST: decimal texts, which lose nothing."""

from functools import partial
from typing import Annotated

from pydantic import Field, PlainSerializer, StringConstraints

from ..engine.money import amount_text, exact_text, number_text

Amount = Annotated[
    float, PlainSerializer(amount_text, return_type=str), Field(examples=["1250000.00"])
]
AmountIn = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$", max_length=16)
]
# Columns of ledgers have two decimals, whatever the currency has.
MoneyIn = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
SignedMoneyIn = Annotated[
    str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$")
]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
# Columns of rates have four decimals.
Rate = Annotated[
    float,
    PlainSerializer(partial(exact_text, digits=4), return_type=str),
    Field(examples=["0.0500"]),
]
RateIn = Annotated[str, StringConstraints(pattern=r"^(0(\.[0-9]{1,4})?|1(\.0{1,4})?)$")]
DecimalOut = Annotated[
    float, PlainSerializer(number_text, return_type=str), Field(examples=["0.27"])
]
DecimalIn = Annotated[
    str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,8})?$", max_length=22)
]
