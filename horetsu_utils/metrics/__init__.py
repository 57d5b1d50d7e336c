"""What the method measures: one file per concept, tables in, one table out."""
