"""What a person may choose in the column of actions, and how it is done."""
