"""Registering employers 社会保险登记: in what insurances, where it pays, of which injury class; changes; the end.

Whoever files it, an officer or the employer itself, another officer reviews it. What could not be done after the
review is refused at once (`ready`); the debts that hinder a cancellation are named with their amounts.
"""
