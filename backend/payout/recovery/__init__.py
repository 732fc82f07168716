"""Recovery 追回: what was paid too much comes back in one go, by agreed instalments, or out of later benefits.

社会保险经办条例 第四十六条. A claim is booked on 暂付款 when it is found, and leaves it fen by fen as it comes back.
"""
