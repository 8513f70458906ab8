"""The API: parse, call one flow or view, render. No decisions are made here."""
