SELECT * FROM t WHERE day > @since AND x > @least
