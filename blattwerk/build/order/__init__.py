"""What was asked for: the sheet file, the class list, the secret."""
