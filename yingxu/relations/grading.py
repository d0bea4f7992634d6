"""Grades by contribution: who together makes up most of it (ABC analysis, after Pareto).

Customers in the order of their contribution, the largest first, the older file first where two are the same: a total order, so that
the same figures always give the same grades. Before each stands the share of the whole that all before it have:

    share(i) = 100 · (c₁ + … + cᵢ₋₁) / (c₁ + … + cₙ)        A: share < a · B: share < b · C: the rest

By what stands *before* it the largest customer is always an A, also when it alone makes up more than a. Who contributed nothing is C.
Source: H. F. Dickie, "ABC Inventory Analysis Shoots for Dollars, not Pennies", Factory Management and Maintenance 109 (1951) 7, 92–94, who put
Pareto's law (Cours d'économie politique, 1896/97) to this use; the usual bounds are 80 and 95 per cent.

`reckoning` asks the database the same in one statement; this is the definition its result is tested against.
"""

from collections.abc import Mapping
from decimal import Decimal


def abc(contributions: Mapping[int, Decimal], a: int, b: int) -> dict[int, str]:
    """The grade of each customer (by its key, the older file the smaller) from its contribution (points, not negative)."""
    whole = sum(contributions.values(), Decimal(0))
    before, grades = Decimal(0), {}
    for key, points in sorted(contributions.items(), key=lambda pair: (-pair[1], pair[0])):
        if points <= 0:
            grades[key] = "C"
        else:
            grades[key] = "A" if before * 100 < a * whole else "B" if before * 100 < b * whole else "C"
        before += points
    return grades
