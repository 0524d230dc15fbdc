"""Topics on one page each."""
