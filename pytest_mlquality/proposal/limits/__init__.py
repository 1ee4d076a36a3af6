"""What may be, drawn from what was seen: values, ranges, shares, and what a feature may give away."""
