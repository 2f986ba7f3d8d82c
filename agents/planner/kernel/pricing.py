"""What one debt costs at least by itself, where money has a price in each month: a dynamic program over its balance.

    V[t](b, k) = min over what may be paid p of  price[t] p + V[t + 1](S - p, k'),   S = (1 + r) b + fees
    V[T](b, k) = b

k is the months for which a missed minimum is still punished; k' follows from whether p covers what is due. V is kept as
one straight line for each cell of balances, nowhere above V: where a line would be, it is lowered. So the least cost
found is a true lower bound, whatever the cells' size. Units: money as the caller's, rates as fractions a month. Axes:
month, k, cell, end of the line.
"""

from typing import Any

import numpy as np

from agents.planner.kernel.compiled import compiled, every_month

RATE, PENALTY, FEE, PRICE, SLOPE, MOST, MAY_MISS, MAY_PAY, MAY_CLOSE = range(9)  # of a month
STATEMENT, OF_OPENING, INTEREST, CONSTANT = range(4)  # of a piece of the minimum rule
OPENING, LATE, STEP, FOR_GOOD = range(4)  # of the debt
NO_ROOM = 1e-9
NEVER = 1e10  # what is not allowed costs; all else is far below a hundredth of it
SIGNATURE = "f8(f8[:,::1], f8[:,:,::1], f8[::1], b1[:,::1], f8[:,:,:,::1], f8[:,:,::1], f8[:,::1])"


@every_month
def _at(cells: Any, size: int, step: float, slope: float, x: float, c: int) -> float:
    """The line of cell c at x; above all cells the function rises by `slope` at least."""
    if c >= size:
        return cells[size - 1, 1] + slope * (x - size * step)
    return cells[c, 0] + (cells[c, 1] - cells[c, 0]) * (x / step - c)


@every_month
def _below(cells: Any, size: int, step: float, slope: float, x: float, to: float) -> tuple[float, float]:
    """A line from x to `to` that is nowhere above those of the cells between, as its two ends."""
    first = int(x / step)
    last = max(int(np.ceil(to / step)) - 1, first)
    left, right = _at(cells, size, step, slope, x, first), _at(cells, size, step, slope, to, last)
    above, lowest = 0.0, min(left, right)
    for c in range(first + 1, min(last, size) + 1):
        # Where two cells meet, the lower of both lines: V may jump there.
        edge = cells[c - 1, 1] if c == size else min(cells[c - 1, 1], cells[c, 0])
        above = max(above, left + (right - left) * (c * step - x) / (to - x) - edge)
        lowest = min(lowest, edge)
    if above > 0.0 and max(left, right) > NEVER / 100:  # what is not allowed at one end says nothing of the other
        return lowest, lowest
    return left - above, right - above


@every_month
def _least_until(cells: Any, size: int, step: float, price: float, least: Any) -> None:
    """least(x) = min over 0 < y <= x of V(y) - price y."""
    lowest = NEVER
    for c in range(size):
        left, right = cells[c, 0] - price * c * step, cells[c, 1] - price * (c + 1) * step
        least[c, 0] = min(lowest, left)
        lowest = min(lowest, left, right)
        least[c, 1] = lowest


@every_month
def _due(pieces: Any, b: float, interest: float, statement: float) -> int:
    """The piece of the minimum rule that asks for most; -1 where none asks for anything."""
    most, found = 0.0, -1
    for i in range(len(pieces)):
        wanted = _wanted(pieces[i], b, interest, statement)
        if wanted > most:
            most, found = wanted, i
    return found


@every_month
def _wanted(piece: Any, b: float, interest: float, statement: float) -> float:
    return piece[STATEMENT] * statement + piece[OF_OPENING] * b + piece[INTEREST] * interest + piece[CONSTANT]


@every_month
def _least_between(cells: Any, size: int, step: float, slope: float, price: float, ends: Any) -> tuple[float, float]:
    """A line below min over y of V(y) - price y, y from low to high, as both move over a cell's width."""
    low, low_to, high, high_to = ends
    left, right = _below(cells, size, step, slope, low, low_to)
    left, right = left - price * low, right - price * low_to
    if high - low < NO_ROOM:
        return left, right
    left = min(left, right)  # where it falls, what lies beyond is as low
    a, b = _below(cells, size, step, slope, high, high_to)
    a, b = a - price * high, b - price * high_to
    left, right = min(left, a), min(right, a, b)
    for c in range(int(np.ceil(low_to / step)), min(int(high / step), size) + 1):
        edge = cells[c - 1, 1] if c == size else min(cells[max(c - 1, 0), 1], cells[c, 0])
        left, right = min(left, edge - price * c * step), min(right, edge - price * c * step)
    return left, right


@every_month
def _month(pieces: Any, growth: float, fees: float, ends: Any) -> Any:
    """What is stated, and what is left once the minimum is paid, at both ends of a cell of balances."""
    b, b_to = ends
    stated, stated_to = max(growth * b + fees, 0.0), max(growth * b_to + fees, 0.0)
    middle, interest = 0.5 * (b + b_to), growth - 1.0
    piece = _due(pieces, middle, interest * middle, 0.5 * (stated + stated_to))
    if piece < 0:
        return stated, stated_to, stated, stated_to
    kept = max(stated - _wanted(pieces[piece], b, interest * b, stated), 0.0)
    kept_to = stated_to - _wanted(pieces[piece], b_to, interest * b_to, stated_to)
    return stated, stated_to, kept, max(kept, kept_to)


@every_month
def _least_left(after: Any, least: Any, grid: Any, months: Any, ends: Any) -> tuple[float, float]:
    """A line below the least of V(y) - price y over what may be left; ends: least that may be, and most."""
    size, step = grid
    low, low_to, high, high_to = ends
    price, slope = months[PRICE], months[SLOPE]
    # Nothing need be left, so the least over everything up to `high` is at hand.
    if low <= 0.0:
        return _below(least, size, step, min(slope - price, 0.0), high, high_to)
    return _least_between(after, size, step, slope, price, (low, low_to, max(high, low), max(high_to, low_to)))


@every_month
def _line(after: Any, least: Any, grid: Any, months: Any, month: Any, k: Any) -> tuple[float, float]:
    """The least cost over a cell of balances: close, pay the minimum or more, or miss it."""
    stated, stated_to, kept, kept_to = month
    paid, missed = k
    price, low, low_to = months[PRICE], stated - months[MOST], stated_to - months[MOST]
    left, right = (0.0, 0.0) if low <= 0.0 and months[MAY_CLOSE] > 0.0 else (NEVER, NEVER)
    if kept_to > 0.0 and months[MAY_PAY] > 0.0:
        a, b = _least_left(after[paid], least[paid], grid, months, (low, low_to, kept, kept_to))
        left, right = min(left, a), min(right, b if kept > 0.0 else min(a, b))  # else the whole is due on a part
    if months[MAY_MISS] > 0.0:
        a, b = _least_left(after[missed], least[missed], grid, months, (low, low_to, stated, stated_to))
        left, right = min(left, a), min(right, b)
    return left + price * stated, right + price * stated_to


@every_month
def _best_left(cells: Any, size: int, step: float, month: Any, ends: Any) -> tuple[float, float]:
    """What to leave owing between two amounts, and what it costs less its price."""
    low, high = ends
    price, slope = month[PRICE], month[SLOPE]
    best, cost = high, _at(cells, size, step, slope, high, int(high / step)) - price * high
    for c in range(int(low / step) + 1, min(int(high / step), size) + 1):
        edge = cells[c - 1, 1] if c == size else min(cells[c - 1, 1], cells[c, 0])
        if edge - price * c * step < cost:
            best, cost = c * step, edge - price * c * step
    if low > 0.0:
        value = _at(cells, size, step, slope, low, int(low / step)) - price * low
        if value < cost:
            best, cost = low, value
    return best, cost


@every_month
def _follow(months: Any, pieces: Any, debt: Any, cells: Any, path: Any) -> None:
    """Pay along the least costs."""
    kinds, size, step = cells.shape[1], cells.shape[2], debt[STEP]
    b, k = debt[OPENING], 0
    for t in range(len(months)):
        path[t, 0], path[t, 1] = 0.0, 0.0
        if b <= 0.0:
            continue
        month = months[t]
        growth = 1.0 + month[RATE] + (month[PENALTY] if k > 0 else 0.0)
        fees = month[FEE] + (debt[LATE] if k == kinds - 1 else 0.0)
        stated, _, kept, _ = _month(pieces[t], growth, fees, (b, b))
        # k counts down to 0, or stays at 1 where a miss is punished for good.
        paid_k = min(k, 1) if debt[FOR_GOOD] > 0.0 else max(k - 1, 0)
        low = max(stated - month[MOST], 0.0)
        left, cost = 0.0, (0.0 if low == 0.0 and month[MAY_CLOSE] > 0.0 else NEVER)
        if kept > 0.0 and month[MAY_PAY] > 0.0:
            y, value = _best_left(cells[t + 1, paid_k], size, step, month, (low, max(kept, low)))
            if value < cost:
                left, cost = y, value
        k = paid_k
        if month[MAY_MISS] > 0.0:
            y, value = _best_left(cells[t + 1, kinds - 1], size, step, month, (low, stated))
            if value < cost:
                left, cost, k, path[t, 1] = y, value, kinds - 1, 1.0
        path[t, 0] = stated - left
        b = left
    path[len(months), 0], path[len(months), 1] = b, 0.0


@every_month
def _reach(months: Any, for_good: bool, reached: Any) -> None:  # noqa: FBT001 (the kernel takes arguments by place)
    """Which k there can be in each month."""
    horizon, kinds = len(months), reached.shape[1]
    for t in range(horizon + 1):
        for k in range(kinds):
            reached[t, k] = t == 0 and k == 0
    for t in range(horizon):
        for k in range(kinds):
            if reached[t, k] and months[t, MAY_PAY] > 0.0:
                reached[t + 1, min(k, 1) if for_good else max(k - 1, 0)] = True
            if reached[t, k] and months[t, MAY_MISS] > 0.0:
                reached[t + 1, kinds - 1] = True


@compiled(SIGNATURE)
def least_cost(months: Any, pieces: Any, debt: Any, reached: Any, cells: Any, least: Any, path: Any) -> float:
    """The least cost of a debt alone, and a way to pay it that costs about as much.

    Shapes: months (month, 9), pieces (month, piece, 4), reached (month + 1, k), cells (month + 1, k, cell, 2), least
    (k, cell, 2), path (month + 1, 2), which becomes what is paid (what is owed in the end), and 1.0 where the minimum
    is missed. debt holds what is owed, the late fee, a cell's width, and 1.0 where a miss is punished for good: k is
    then 0 before, 2 just after and 1 ever after. reached, cells and least are room to work in.
    """
    horizon, kinds, size = len(months), cells.shape[1], cells.shape[2]
    late, step, for_good = debt[LATE], debt[STEP], debt[FOR_GOOD] > 0.0
    grid = (size, step)
    _reach(months, for_good, reached)
    for k in range(kinds):
        for c in range(size):
            cells[horizon, k, c, 0], cells[horizon, k, c, 1] = c * step, (c + 1) * step
    for t in range(horizon - 1, -1, -1):
        month = months[t]
        for k in range(kinds):
            if reached[t + 1, k]:
                _least_until(cells[t + 1, k], size, step, month[PRICE], least[k])
        for k in range(kinds):
            # What cannot be reached is never read.
            if not reached[t, k]:
                continue
            growth = 1.0 + month[RATE] + (month[PENALTY] if k > 0 else 0.0)
            fees = month[FEE] + (late if k == kinds - 1 else 0.0)
            next_k = (min(k, 1) if for_good else max(k - 1, 0), kinds - 1)
            for c in range(size):
                ends = _month(pieces[t], growth, fees, (c * step, (c + 1) * step))
                left, right = _line(cells[t + 1], least, grid, month, ends, next_k)
                cells[t, k, c, 0], cells[t, k, c, 1] = left, right
    _follow(months, pieces, debt, cells, path)
    return _at(cells[0, 0], size, step, months[0, SLOPE], debt[OPENING], int(debt[OPENING] / step))
