"""What is kept: files, the cache, the record of what was handed out."""
