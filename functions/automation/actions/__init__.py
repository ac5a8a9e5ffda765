"""What a rule may do: one module per action."""
