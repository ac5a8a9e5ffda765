"""The figures of the office as a tab: cards, charts and the tables that they are drawn from."""
