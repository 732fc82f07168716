"""Careers 缴费年限: what a person has behind them when they retire, and when they may."""
