"""The night as a whole: what is told of it afterwards, what it takes to go on, and what keeps it alive."""
