"""All SQL of accounting."""
