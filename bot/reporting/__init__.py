"""What a day of healing came to, told where people review it."""
