"""Levy 社会保险费征缴: what the law says, as pure functions of facts and parameters.

Numeric cores take and return whole numbers: fen, days since year 1, rates in millionths. They stay exact
until the one named rounding at their end, so that a month's bill may use them for a million persons.
"""
