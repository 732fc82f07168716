"""The operator's page on the machine: how every part is, its cash, its journal, and what staff may do."""
