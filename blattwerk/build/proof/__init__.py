"""Nothing goes on paper before it has been proven."""
