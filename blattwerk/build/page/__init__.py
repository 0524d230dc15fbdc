"""From proven instances to the TeX of a sheet."""
