"""Out to question banks: exercises as questions that a platform marks by itself, or hands to a person with the key."""
