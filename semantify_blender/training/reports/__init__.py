"""What people read of a run: figures, tables, charts, one HTML file."""
