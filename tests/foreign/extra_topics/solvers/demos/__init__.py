"""The trainings of the topics."""
