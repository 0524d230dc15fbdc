"""One small training a topic, under the topic's own stem: each module has a constant DEMO."""
