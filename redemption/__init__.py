"""SPEND: funds, goods, stock, orders, vouchers and counters."""
