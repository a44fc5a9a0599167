"""Training what looks at pictures for a fit, and measuring it."""
