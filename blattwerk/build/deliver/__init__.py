"""Out to the students: what was handed out, for each the right file, as a platform takes it."""
