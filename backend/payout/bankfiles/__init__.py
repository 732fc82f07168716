"""Bank files 报盘/回盘: what is paid by bank every month goes out in files, and comes back line by line.

社会保险法 第七十三条: benefits are paid in full and in time. Each line has a number that never changes, so it is
paid once and booked once, however often a file goes out or comes back. How a bank writes is its profile
(`banks.yaml`): delimited text, or ISO 20022.
"""
