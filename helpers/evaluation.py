"""Scores with their uncertainty."""

import math


def wilson(hits: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The 95% Wilson interval of a share: right for small n and for shares near 0 or 1, where +-1.96 standard errors is not."""
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"A share needs 0 <= hits <= n and n > 0; got hits = {hits}, n = {n}.")
    share, scale = hits / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return middle - half, middle + half


def share(hits: int, n: int) -> str:
    """A share with its 95% interval, as text: '0.562 [0.545, 0.578]'."""
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} [{low:.3f}, {high:.3f}]"
