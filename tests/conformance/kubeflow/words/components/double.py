import kfp
def double(num: int) -> int:
    return 2 * num  # {{ x }} $(HOME)
