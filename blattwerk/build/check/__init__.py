"""Check: what every topic has to keep, as plain functions; the tests and `blattwerk check` call the same ones."""
