"""What people read: every report is drawn from the evidence alone, so it can be drawn again at any time."""
