

# Expressions: what the compiler left to be decided or put together here.


def evaluate(expr, delivered, it=None):
    again = lambda part: evaluate(part, delivered, it)
    what = expr["is"]
    if what == "literal":
        return decode(expr["type"], expr["value"], "a constant")
    if what == "parameter":
        return delivered(expr)
    if what == "it":
        return it
    if what == "text":
        return "".join(text_of(part["type"], again(part)) for part in expr["parts"])
    if what == "list":
        return [again(item) for item in expr["items"]]
    if what == "record":
        return {key: again(entry) for key, entry in expr["entries"].items()}
    if what == "not":
        return not again(expr["operand"])
    if what == "length":
        return len(again(expr["of"]))
    if what == "field":
        whole, name = again(expr["of"]), expr["name"]
        if isinstance(whole, (Artifact, Money)):
            return getattr(whole, name)
        try:
            return whole[int(name)] if isinstance(whole, list) else whole[name]
        except (KeyError, IndexError, TypeError):
            raise Refusal(f"{brief(whole)} has no {name}")
    if what == "between":
        value, low, high = again(expr["operand"]), again(expr["low"]), again(expr["high"])
        return low <= value <= high if expr["inclusive"] else low <= value < high
    if what == "binary":
        return binary(expr["operator"], expr["left"], expr["right"], again)
    raise Refusal(f"the runner cannot evaluate {what}")


def binary(operator, left, right, again):
    a = again(left)
    if operator == "and":
        return bool(a) and bool(again(right))
    if operator == "or":
        return bool(a) or bool(again(right))
    if operator == "coalesce":
        return again(right) if a is None else a
    b = again(right)
    if operator == "matches":
        return re.fullmatch(expression(b), a, re.ASCII) is not None
    if operator == "in":
        return a in b
    return {
        "equal": lambda: a == b,
        "not_equal": lambda: a != b,
        "less": lambda: a < b,
        "less_or_equal": lambda: a <= b,
        "greater": lambda: a > b,
        "greater_or_equal": lambda: a >= b,
        "add": lambda: a + b,
        "subtract": lambda: a - b,
        "multiply": lambda: a * b,
        "divide": lambda: a / b,
    }[operator]()


def expression(pattern):
    """RE2's way of writing what Python's `re` writes otherwise."""
    classes = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
               "xdigit": "0-9A-Fa-f", "word": r"\w", "space": r"\s", "punct": r"!-/:-@\[-`{-~"}
    for name, members in classes.items():
        pattern = pattern.replace(f"[:{name}:]", members)
    return pattern.replace(r"\z", r"\Z")


def check(one, value, where):
    """Whether a value fits what is said of it and, where it is a list, of its items."""
    for predicate in one.get("predicates", []):
        hold(predicate, value, where)
    for predicate in one.get("item_predicates", []):
        for at, item in enumerate(value or []):
            hold(predicate, item, f"{where}[{at}]")


def hold(predicate, value, where):
    if value is not None and not evaluate(predicate["condition"], None, value):
        raise Refusal(f"{where} is {brief(value)}, and `{predicate['text']}` does not hold")
