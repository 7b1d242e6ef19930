"""Five steps of colour for numbers side by side: in equal parts of the largest, and none for nought."""

from math import ceil

STEPS = 5


def step_of(number: int, most: int) -> int:
    """0 for none, else 1 to 5; few are pale, however few the largest has."""
    return ceil(STEPS * number / max(most, STEPS)) if number else 0


def key(most: int) -> list[tuple[int, str]]:
    """What each step stands for: 0, 1–3, 4–6 …"""
    most = max(most, STEPS)
    edges = [most * step // STEPS for step in range(STEPS + 1)]
    ranges = [(step, edges[step - 1] + 1, edges[step]) for step in range(1, STEPS + 1)]
    return [(0, "0"), *((step, str(last) if first == last else f"{first}–{last}") for step, first, last in ranges)]
