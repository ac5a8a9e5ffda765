"""The chat on the sites of the office: its script, the visitor's token, talk and posts; A9."""
