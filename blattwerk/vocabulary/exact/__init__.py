"""Exact values: sums of logarithms, distributions, binary units, weights of small layers."""
