"""What each chapter says in Japanese, worded from figures that are handed in: titles, notes and findings."""
