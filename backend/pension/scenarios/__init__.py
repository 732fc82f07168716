"""Before the pension 还没有退休: when somebody can retire (PEN-Q30), what they will get (PEN-Q31), what if (PEN-Q32).

Nothing is kept and nothing is decided: the same calculators as the award's, on the person's own facts.
"""

from backend.pension.scenarios.estimating import estimates, what_if
from backend.pension.scenarios.planning import plan

__all__ = ["estimates", "plan", "what_if"]
