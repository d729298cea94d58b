"""The books and the clock: objects, their events, what is due when. Knows nothing of HTTP or of the business."""
