"""From a sheet file and a class list to PDFs: plan, prove, render, figures, TeX, split, write."""
