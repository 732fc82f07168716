"""Basic pension 企业职工基本养老保险: what the law says, as pure functions of facts and parameters.

Numeric cores take and return whole numbers: fen, months, an index in millionths, a rate in
ten-thousandths, years as a fraction of two whole numbers. They stay exact until the one named
rounding at their end, and are plain enough for a compiler to take a million at a time.
"""
