"""Command lines. argparse begins and ends here."""
