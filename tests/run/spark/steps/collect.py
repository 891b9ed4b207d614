ORDERS = """id,shop,price
1,north,2.5
2,south,4.0
3,north,0.5
4,north,1.0
"""


def collect(orders):
    with open(orders, "w", encoding="utf-8") as out:
        out.write(ORDERS)
