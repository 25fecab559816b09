"""Plans in their simplest equal form, so that engines see flat lists and no dead branches.

`a and b and c` is one list of three, `a not b not c` is one base without two others, `Everything` and `Nothing` go away, equal
parts stand once. Works with a stack of its own: plans of hostile queries may be a thousand levels deep before they come here.
"""

from collections.abc import Iterable, Sequence

from cql.plan import AllOf, AnyOf, Everything, Nothing, Plan, Range, Without

EVERYTHING = Everything()
NOTHING = Nothing()


def simplify(plan: Plan) -> Plan:
    """An equal plan without nested lists of one kind, duplicates, `Everything` and `Nothing` (unless it is all there is)."""
    if not isinstance(plan, AllOf | AnyOf | Without):
        return _leaf(plan)
    known: dict[object, Plan] = {}
    done: list[Plan] = []
    for node, count in _postorder(plan):
        parts = done[len(done) - count :]
        del done[len(done) - count :]
        match node:
            case AllOf():
                result = all_of(parts)
            case AnyOf():
                result = any_of(parts)
            case Without():
                result = without(parts[0], parts[1])
            case _:
                result = _leaf(node)
        done.append(_interned(result, known))
    return done.pop()


def depth(plan: Plan) -> int:
    """Number of levels; 1 for a leaf."""
    deepest = 0
    todo = [(plan, 1)]
    while todo:
        node, level = todo.pop()
        deepest = max(deepest, level)
        todo += [(part, level + 1) for part in _parts(node)]
    return deepest


def leaf_count(plan: Plan) -> int:
    """Number of leaves; a part that stands in several places counts in each of them."""
    count = 0
    todo = [plan]
    while todo:
        parts = _parts(todo.pop())
        todo += parts
        count += not parts
    return count


def _parts(plan: Plan) -> tuple[Plan, ...]:
    match plan:
        case AllOf(parts) | AnyOf(parts):
            return parts
        case Without(base, minus):
            return (base, minus)
        case _:
            return ()


def _postorder(plan: Plan) -> list[tuple[Plan, int]]:
    """Nodes with their numbers of parts, parts before the node; a list within a list of its kind has become one with it."""
    order: list[tuple[Plan, int]] = []
    todo = [plan]
    while todo:
        node = todo.pop()
        parts = _flat_parts(node)
        order.append((node, len(parts)))
        todo += parts
    order.reverse()
    return order


def _flat_parts(plan: Plan) -> list[Plan]:
    if not isinstance(plan, AllOf | AnyOf):
        return list(_parts(plan))
    flat: list[Plan] = []
    todo = list(reversed(plan.parts))
    while todo:
        part = todo.pop()
        if type(part) is type(plan):
            todo += reversed(_parts(part))
        else:
            flat.append(part)
    return flat


def _interned(plan: Plan, known: dict[object, Plan]) -> Plan:
    """The first plan that was equal to this one, so that equal plans are the same object and compare without recursion.

    The parts of lists are interned already, hence their identities tell all.
    """
    if isinstance(plan, Without):
        base, minus = _interned(plan.base, known), _interned(plan.minus, known)
        plan = Without(base, minus)
    parts = _parts(plan)
    key: object = (type(plan), *map(id, parts)) if parts else plan
    return known.setdefault(key, plan)


def _leaf(plan: Plan) -> Plan:
    if isinstance(plan, Range) and plan.low is not None and plan.high is not None and plan.low > plan.high:
        return NOTHING
    return plan


def _distinct(parts: Iterable[Plan]) -> list[Plan]:
    """Parts without repetition. Only leaves are compared: comparing lists would walk down all of a deep plan."""
    kept: dict[object, Plan] = {}
    for part in parts:
        kept.setdefault(id(part) if isinstance(part, AllOf | AnyOf | Without) else part, part)
    return list(kept.values())


def all_of(parts: Sequence[Plan]) -> Plan:
    """Records of every part, simplified, if the parts are; everything without parts."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Plan] = []
    minus: list[Plan] = []
    for part in parts:
        match part:
            case Everything():
                pass
            case Nothing():
                return NOTHING
            case AllOf(inner):
                flat += inner
            case Without(base, taken):
                flat += base.parts if isinstance(base, AllOf) else () if isinstance(base, Everything) else (base,)
                minus.append(taken)
            case _:
                flat.append(part)
    kept = _distinct(flat)
    base = EVERYTHING if not kept else kept[0] if len(kept) == 1 else AllOf(tuple(kept))
    return without(base, any_of(minus)) if minus else base


def any_of(parts: Sequence[Plan]) -> Plan:
    """Records of any part, simplified, if the parts are; nothing without parts."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Plan] = []
    for part in parts:
        match part:
            case Nothing():
                pass
            case Everything():
                return EVERYTHING
            case AnyOf(inner):
                flat += inner
            case _:
                flat.append(part)
    kept = _distinct(flat)
    return NOTHING if not kept else kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


def without(base: Plan, minus: Plan) -> Plan:
    """Records of `base` that are not records of `minus`, simplified, if both are."""
    if isinstance(base, Without):
        minus = any_of([base.minus, minus])
        base = base.base
    is_same = base is minus or (not isinstance(base, AllOf | AnyOf) and base == minus)
    if isinstance(base, Nothing) or isinstance(minus, Everything) or is_same:
        return NOTHING
    return base if isinstance(minus, Nothing) else Without(base, minus)
