def load(text: str) -> str:
    return text
