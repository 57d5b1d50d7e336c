"""From the bytes a shop hands over to canonical tables: read, mapping, clean, account, prepare."""
