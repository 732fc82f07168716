"""Yearly adjustment 待遇调整: everybody's pension rises by the year's notice, with arrears since January; taken back if wrong."""
