import argparse
import json

from pyspark.sql import SparkSession, functions
from pyspark.sql.types import DoubleType

from prices import told


def options():
    parser = argparse.ArgumentParser()
    for name in ["orders", "note", "totals", "out_orders", "best", "told"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--least", type=float, required=True)
    parser.add_argument("--rebate", type=float)
    return parser.parse_args()


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


given = options()
spark = SparkSession.builder.appName("add_up").getOrCreate()
orders = spark.read.csv(given.orders, header=True, inferSchema=True)
# A worker calls a function of a module that lies beside this file.
price = functions.udf(told, DoubleType())(orders.price)
totals = orders.where(orders.price > given.least).groupBy("shop").agg(functions.sum(price).alias("spent"))
totals.write.parquet(given.totals)
write(given.out_orders, str(orders.count()))
write(given.best, totals.orderBy(functions.desc("spent")).first().shop)
write(given.told, json.dumps({"note": given.note, "rebate": given.rebate}))
spark.stop()
