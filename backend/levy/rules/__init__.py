"""What the law says of levy: whole numbers in, whole numbers out."""
