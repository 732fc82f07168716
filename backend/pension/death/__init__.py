"""Death 死亡待遇: what the family gets of the pension insurance, and who inherits the individual account."""
