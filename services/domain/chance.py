"""How likely a count is where nothing has changed. Pure."""

import math


def chance_of(count: int, before: int, periods: float) -> float:
    """How likely so many or more are, where `before` came in `periods` like it and nothing has changed (Gamma-Poisson, Jeffreys)."""
    shape, odds = before + 0.5, periods / (periods + 1)
    below = sum(
        math.exp(math.lgamma(n + shape) - math.lgamma(shape) - math.lgamma(n + 1) + shape * math.log(odds) + n * math.log1p(-odds))
        for n in range(count)
    )
    return max(0.0, 1.0 - below)
