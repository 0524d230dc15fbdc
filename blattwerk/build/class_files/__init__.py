"""Files of a whole class, made from its records when all sheets are there: answers, keys, print files."""
