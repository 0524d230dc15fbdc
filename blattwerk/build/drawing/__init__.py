"""From a figure's data to its picture."""
